package simulator

import (
	"embed"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"path"
	"strings"
)

//go:embed web
var web embed.FS

// pagePolicy lets the page load what comes from itself, and nothing else.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP serves the page to a browser that called it by a name of its own,
// and obeys the page only: what another site makes the browser send is refused.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	if !p.ownName(r.Host) {
		http.Error(w, "this page is not called "+r.Host, http.StatusMisdirectedRequest)
		return
	}
	if err := foreign.Check(r); err != nil {
		http.Error(w, "another site may not drive this page", http.StatusForbidden)
		return
	}
	p.mux.ServeHTTP(w, r)
}

// foreign finds requests that change something and come from another origin.
var foreign = http.NewCrossOriginProtection()

func (p *Page) ownName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || net.ParseIP(host) != nil || p.opt.Host != "" && strings.EqualFold(host, p.opt.Host)
}

// types are those of the embedded files: the machine's own table of types may
// say something else.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".jpg": "image/jpeg", ".txt": "text/plain; charset=utf-8",
}

func serveStatic(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	data, err := web.ReadFile("web/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", types[path.Ext(name)])
	_, _ = w.Write(data)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}

// refusal is an answer other than 200, with a sentence for the person.
type refusal struct {
	code int
	text string
}

func (e *refusal) Error() string { return e.text }

func refuse(code int, text string) error { return &refusal{code, text} }

// maxRequest bounds a request of the page but for uploads; a message has 4096
// characters, a paste may be cut into several.
const maxRequest = 256 << 10

// asked makes a handler of a function that takes a JSON object and returns what
// to answer. Fields that it does not know are refused, so that a slip in the
// page is found at once.
func asked[In any](f func(r *http.Request, in In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
			http.Error(w, "Content-Type should be application/json", http.StatusUnsupportedMediaType)
			return
		}
		var in In
		body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
		body.DisallowUnknownFields()
		if err := body.Decode(&in); err != nil {
			http.Error(w, "the request is not understood: "+err.Error(), http.StatusBadRequest)
			return
		}
		if _, err := body.Token(); !errors.Is(err, io.EOF) {
			http.Error(w, "the request is not understood: more than one object", http.StatusBadRequest)
			return
		}
		respond(w, func() (any, error) { return f(r, in) })
	}
}

func respond(w http.ResponseWriter, f func() (any, error)) {
	out, err := f()
	var no *refusal
	switch {
	case errors.As(err, &no):
		http.Error(w, no.text, no.code)
	case err != nil:
		http.Error(w, err.Error(), http.StatusConflict)
	case out == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, out)
	}
}
