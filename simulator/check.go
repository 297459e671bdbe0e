package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mistake is a refusal of what the real server lets pass in silence: a parameter
// that it does not know, a number where a text should be. It says so in words of
// the simulator's own, so that a slip is found in the first test.
func mistake(format string, args ...any) error {
	return &apiError{code: http.StatusBadRequest, text: "simulator: " + fmt.Sprintf(format, args...), mistake: true}
}

// missing are the server's own words for a required parameter that is not there.
var missing = map[string]string{
	"chat_id": "chat_id is empty", "text": "message text is empty", "message_id": "message identifier is not specified",
	"message_ids": "message identifiers are not specified", "phone_number": "phone number is empty",
	"first_name": "first name is empty", "latitude": "latitude is empty", "longitude": "longitude is empty",
	"action": "wrong parameter action in request", "from_chat_id": "chat_id is empty",
	"callback_query_id": "query is too old and response timeout expired or query ID is invalid",
	"file_id":           "invalid file_id", "commands": "can't parse commands JSON object",
}

// check holds a call against the table of parameters.
func (q *request) check() error {
	table := spec.methods[q.method]
	for name, value := range q.values {
		f, known := table.find(name)
		if !known {
			return mistake("unknown parameter %s of %s", name, q.method)
		}
		if value == "" {
			continue
		}
		if err := q.checkValue(f, value); err != nil {
			return err
		}
	}
	for name := range q.files {
		f, _ := table.find(name)
		if f.kind != "File" && f.kind != "Upload" && !q.attaches(name) {
			return mistake("%s has no file parameter %s, and nothing says attach://%s", q.method, name, name)
		}
	}
	return q.checkRequired(table)
}

func (q *request) checkRequired(table fieldTable) error {
	for _, f := range table.fields {
		_, uploaded := q.files[f.name]
		// An empty url of setWebhook is a way to say deleteWebhook.
		if given, is := q.values[f.name]; !f.required || given != "" || uploaded || is && f.name == "url" {
			continue
		}
		switch words := missing[f.name]; {
		case words != "":
			return badRequest("%s", words)
		case f.kind == "File":
			return badRequest("there is no %s in the request", strings.ReplaceAll(f.name, "_", " "))
		}
		return mistake("%s needs the parameter %s", q.method, f.name)
	}
	return nil
}

func (q *request) attaches(name string) bool {
	for _, value := range q.values {
		if strings.Contains(value, "attach://"+name) {
			return true
		}
	}
	return false
}

var (
	isInteger = regexp.MustCompile(`^-?[0-9]{1,19}$`)
	isFloat   = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	isBoolean = regexp.MustCompile(`^(true|false)$`)
	textKinds = []string{"String", "ChatID", "File"}
)

// checkValue looks at a parameter as it came: the forms know only texts, JSON
// tells a number from a text.
func (q *request) checkValue(f field, value string) error {
	text, typed := q.texts[f.name]
	plain := !typed // it came in a form
	switch {
	case f.kind == "Any":
		return nil
	case f.kind == "Upload":
		if strings.HasPrefix(value, "attach://") {
			return nil
		}
		return mistake("%s of %s is a file to upload, got %.40q", f.name, q.method, value)
	case f.kind == "ChatID" && (plain || text || isInteger.MatchString(value)):
		return nil
	case slices.Contains(textKinds, f.kind):
		if !plain && !text {
			return mistake("%s of %s is a String, got %.40s", f.name, q.method, value)
		}
		return f.checkLength(q.method, utf16Len(value))
	case isScalar(f.kind):
		if !plain && text {
			return mistake("%s of %s is %s, got %.40q", f.name, q.method, f.kind, value)
		}
		return checkScalar(q.method, f, value)
	}
	if !json.Valid([]byte(value)) {
		return nil // the server has words of its own
	}
	return checkJSON(q.method, f, json.RawMessage(value))
}

func isScalar(kind string) bool { return kind == "Integer" || kind == "Float" || kind == "Boolean" }

func checkScalar(owner string, f field, value string) error {
	shape := map[string]*regexp.Regexp{"Integer": isInteger, "Float": isFloat, "Boolean": isBoolean}[f.kind]
	if !shape.MatchString(value) {
		return mistake("%s of %s is %s, got %.40s", f.name, owner, f.kind, value)
	}
	if f.kind == "Boolean" || f.limit == "" {
		return nil
	}
	n, _ := strconv.ParseFloat(value, 64)
	return f.within(owner, n, "is")
}

// checkLength holds a text's length against the limit, if there is one and the
// server has no words of its own for it.
func (f field) checkLength(owner string, length int) error {
	return f.within(owner, float64(length), "has the length")
}

func (f field) within(owner string, n float64, is string) error {
	low, high, limited := strings.Cut(f.limit, "-")
	if !limited || strings.HasSuffix(high, "*") {
		return nil
	}
	least, _ := strconv.ParseFloat(low, 64)
	most, _ := strconv.ParseFloat(high, 64)
	if n < least || n > most {
		return mistake("%s of %s %s %s, got %v", f.name, owner, is, f.limit, n)
	}
	return nil
}

// checkJSON looks into a value of a JSON body or of a parameter that is JSON.
func checkJSON(owner string, f field, raw json.RawMessage) error {
	text := strings.TrimSpace(string(raw))
	if text == "null" || f.kind == "Any" {
		return nil
	}
	if element, list := strings.CutPrefix(f.kind, "[]"); list {
		return checkList(owner, f, element, raw)
	}
	switch {
	case isScalar(f.kind):
		return checkScalar(owner, f, text)
	case f.kind == "ChatID" && isInteger.MatchString(text):
		return nil
	case slices.Contains(textKinds, f.kind), f.kind == "Upload", f.kind[0] == '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return mistake("%s of %s is a String, got %.40s", f.name, owner, text)
		}
		if f.kind[0] == '"' && f.kind != text {
			return mistake("%s of %s is %s, got %.40s", f.name, owner, f.kind, text)
		}
		return f.checkLength(owner, utf16Len(s))
	case f.kind == "KeyboardButton" && text[0] == '"': // a text alone is a button too
		return nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return mistake("%s of %s is %s, got %.40s", f.name, owner, f.kind, text)
	}
	return checkObject(owner, f, object)
}

func checkList(owner string, f field, element string, raw json.RawMessage) error {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return mistake("%s of %s is an array, got %.40s", f.name, owner, raw)
	}
	if err := f.checkLength(owner, len(items)); err != nil {
		return err
	}
	for _, item := range items {
		if err := checkJSON(owner, field{name: f.name, kind: element}, item); err != nil {
			return err
		}
	}
	return nil
}

func checkObject(owner string, f field, object map[string]json.RawMessage) error {
	kind := f.kind
	if variants := spec.unions[kind]; variants != nil {
		i := slices.IndexFunc(variants, func(v string) bool { return spec.objects[v].fits(object) })
		if i < 0 {
			return nil // the server has words of its own for a type that it does not know
		}
		kind = variants[i]
	}
	for name, value := range object {
		inner, known := spec.objects[kind].find(name)
		if !known {
			return mistake("unknown field %s of %s in %s of %s", name, kind, f.name, owner)
		}
		if err := checkJSON(kind, inner, value); err != nil {
			return err
		}
	}
	return nil
}

// fits says whether an object has what a kind requires; it tells apart the kinds
// of a union.
func (t fieldTable) fits(object map[string]json.RawMessage) bool {
	for _, f := range t.fields {
		value, given := object[f.name]
		if f.required && (!given || f.kind[0] == '"' && string(value) != f.kind) {
			return false
		}
	}
	return true
}
