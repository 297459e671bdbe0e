package simulator

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed spec.txt
var specText string

// spec is spec.txt: what parameters the methods take.
var spec = readSpec(specText)

// specification is the Bot API as a table: methods begin with a small letter,
// objects with a capital.
type specification struct {
	methods, objects map[string]fieldTable
	unions           map[string][]string // an object is of one of these kinds
}

// fieldTable are the parameters of a method or the fields of an object.
type fieldTable struct{ fields []field }

// field is a parameter of a method or a field of an object.
type field struct {
	name, kind string
	required   bool
	limit      string // "1-64"; with * the server has words of its own
}

func (t fieldTable) find(name string) (field, bool) {
	i := slices.IndexFunc(t.fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return field{}, false
	}
	return t.fields[i], true
}

// readSpec reads the form that spec.txt explains; it panics on a mistake in it.
func readSpec(text string) specification {
	s := specification{methods: map[string]fieldTable{}, objects: map[string]fieldTable{}, unions: map[string][]string{}}
	groups := map[string]fieldTable{}
	var owner string
	var into map[string]fieldTable
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case line[0] == '\t':
			table := into[owner]
			table.fields = append(table.fields, readField(words))
			into[owner] = table
		case len(words) > 1 && words[1] == "=":
			s.unions[words[0]] = words[2:]
		default:
			owner, into = words[0], s.tables(words[0], groups)
			var table fieldTable
			for _, group := range words[1:] {
				if len(groups[group].fields) == 0 {
					panic(fmt.Sprintf("simulator: spec.txt has no group %s above %s", group, owner))
				}
				table.fields = append(table.fields, groups[group].fields...)
			}
			into[owner] = table
		}
	}
	return s
}

func (s specification) tables(owner string, groups map[string]fieldTable) map[string]fieldTable {
	switch {
	case owner[0] == '@':
		return groups
	case strings.ToLower(owner[:1]) == owner[:1]:
		return s.methods
	}
	return s.objects
}

func readField(words []string) field {
	f := field{kind: words[1]}
	f.name, f.required = strings.CutSuffix(words[0], "!")
	if len(words) > 2 {
		f.limit = words[2]
	}
	return f
}
