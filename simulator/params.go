package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxBody is more than the Bot API takes (50 MB of files and their parameters).
const maxBody = 60 << 20

// params are the parameters of one call, whatever form they came in
// (https://core.telegram.org/bots/api#making-requests). A value that is no
// string in a JSON body is kept as its JSON text, which is what the form
// encodings carry as well.
type params struct {
	values map[string]string
	files  map[string]upload
	texts  map[string]bool // what came in a JSON body, and whether it was a text there
}

// upload is a file that came in the call itself.
type upload struct {
	name, mime string
	data       []byte
}

// errBareRefusal is how the server's HTTP front refuses a body in which nothing
// is: 400 without a word, and the connection is closed.
var errBareRefusal = errors.New("simulator: 400 without a body")

func readParams(r *http.Request) (params, error) {
	p := params{values: map[string]string{}, files: map[string]upload{}, texts: map[string]bool{}}
	p.addForm(r.URL.Query())
	if r.Body == nil {
		return p, nil
	}
	kind, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body := http.MaxBytesReader(nil, r.Body, maxBody)
	if kind == "multipart/form-data" {
		return p, p.addMultipart(multipart.NewReader(body, options["boundary"]))
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return p, bodyError(err)
	}
	switch {
	case len(text) == 0 && slices.Contains(r.TransferEncoding, "chunked"):
		return p, mistake("an empty body in chunks, which simple servers and proxies misread: send none (http.NoBody)")
	case len(bytes.TrimSpace(text)) == 0:
	case kind == "application/json":
		return p, p.addJSON(text)
	case kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(text))
		if err != nil {
			return p, badRequest("can't parse the request body")
		}
		p.addForm(form)
	default:
		return p, mistake("a body of the Content-Type %q", r.Header.Get("Content-Type"))
	}
	return p, nil
}

// bodyError tells a body that is too long, which Telegram refuses, from one that
// never came to its end, which it never answers.
func bodyError(err error) error {
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return &apiError{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large"}
	}
	return errCut
}

func (p params) addForm(form url.Values) {
	for name := range form {
		p.values[name] = form.Get(name)
	}
}

func (p params) addJSON(text []byte) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return badRequest("can't parse JSON object")
	}
	for name, raw := range object {
		var s string
		switch text := json.Unmarshal(raw, &s) == nil && raw[0] == '"'; {
		case text:
			p.values[name], p.texts[name] = s, true
		case string(raw) != "null":
			p.values[name], p.texts[name] = string(raw), false
		}
	}
	return nil
}

func (p params) addMultipart(form *multipart.Reader) error {
	for n := 0; ; n++ {
		part, err := form.NextPart()
		switch {
		case n == 0 && err != nil && bodyError(err) == errCut:
			return errBareRefusal // no part, or none that could be read
		case errors.Is(err, io.EOF):
			return nil
		}
		if err != nil {
			return bodyError(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return bodyError(err)
		}
		if part.FileName() == "" {
			p.values[part.FormName()] = string(data)
			continue
		}
		p.files[part.FormName()] = upload{part.FileName(), part.Header.Get("Content-Type"), data}
	}
}

func (p params) has(name string) bool { return p.values[name] != "" }

func (p params) str(name string) string { return p.values[name] }

// int is the parameter as a number; absent or malformed is 0, as at Telegram.
func (p params) int(name string) int { return int(p.int64(name)) }

func (p params) int64(name string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSpace(p.values[name]), 10, 64)
	return n
}

func (p params) bool(name string) bool {
	switch strings.ToLower(p.values[name]) {
	case "true", "1", "yes", "y":
		return true
	}
	return false
}

// json decodes a parameter that is JSON; an absent one leaves dest as it is.
func (p params) json(name string, dest any) error {
	raw := p.values[name]
	if raw == "" || raw == "null" {
		return nil
	}
	if err := json.Unmarshal([]byte(raw), dest); err != nil {
		return badRequest("can't parse %s JSON object", strings.ReplaceAll(name, "_", " "))
	}
	return nil
}
