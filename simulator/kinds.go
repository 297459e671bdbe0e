package simulator

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Kinds are the kinds of requests among calls, sorted: the method with what
// tells one request from another that reads the same in a program: which
// optional parameters it has, what keyboard, whether a file is new, in what
// scope. Ids, texts and the like make no kind of their own.
func Kinds(calls []Call) []string {
	found := map[string]bool{}
	for _, c := range calls {
		found[c.kind()] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func (c Call) kind() string {
	parts := []string{c.Method}
	table := spec.methods[c.Method]
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		f, known := table.find(name)
		value := c.Params[name]
		switch {
		case !known || value == "" || f.kind == "ChatID" || name == "message_id":
		case f.kind == "File":
			parts = append(parts, "file_id")
		case spec.unions[strings.TrimPrefix(f.kind, "[]")] != nil:
			parts = append(parts, name+"="+variants(f.kind, value))
		case !f.required:
			parts = append(parts, name)
		}
	}
	if len(c.Files) > 0 {
		parts = append(parts, "upload")
	}
	slices.Sort(parts[1:])
	return strings.Join(parts, " ")
}

// variants names the kinds of objects in a value, each once.
func variants(kind, value string) string {
	kind, list := strings.CutPrefix(kind, "[]")
	items := []json.RawMessage{json.RawMessage(value)}
	if list {
		items = nil
		_ = json.Unmarshal([]byte(value), &items)
	}
	found := map[string]bool{}
	for _, item := range items {
		var object map[string]json.RawMessage
		_ = json.Unmarshal(item, &object)
		for _, v := range spec.unions[kind] {
			if spec.objects[v].fits(object) {
				found[strings.TrimPrefix(v, kind)] = true
				break
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), "+")
}
