package simulator

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	interfaceHead = regexp.MustCompile(`^(?:export )?interface (\w+)(?:<F>)?(?: extends ([\w., <>"|]+?))? \{`)
	aliasHead     = regexp.MustCompile(`^(?:export )?type (\w+)(?:<F>)? = `)
	spaceHead     = regexp.MustCompile(`^export declare namespace (\w+) \{`)
)

func readDeclarations(folder string) (*declarations, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.d.ts"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no *.d.ts in %s: %w", folder, err)
	}
	d := &declarations{
		methods: map[string]map[string]declaredField{}, interfaces: map[string]map[string]declaredField{}, aliases: map[string]string{},
	}
	parents := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		s := &scanner{text: string(text)}
		space := ""
		for s.skip(); s.text != ""; s.skip() {
			if m := spaceHead.FindStringSubmatch(s.text); m != nil {
				space, s.text = m[1]+".", s.text[len(m[0]):]
			} else if m := interfaceHead.FindStringSubmatch(s.text); m != nil {
				s.text = s.text[len(m[0]):]
				d.interfaces[space+m[1]], parents[space+m[1]] = s.members(nil), m[2]
			} else if m := aliasHead.FindStringSubmatch(s.text); m != nil {
				s.text = s.text[len(m[0]):]
				if m[1] == "ApiMethods" {
					s.text = s.text[1:]
					s.members(d.methods)
				} else {
					d.aliases[space+m[1]] = s.until(";")
				}
			} else if s.text[0] == '}' {
				space, s.text = "", s.text[1:]
			} else {
				s.until(";")
			}
		}
	}
	for name := range d.interfaces {
		d.inherit(name, parents)
	}
	return d, nil
}

func (d *declarations) inherit(name string, parents map[string]string) {
	space, _, spaced := strings.Cut(name, ".")
	for parent := range strings.SplitSeq(parents[name], ", ") {
		if spaced && d.interfaces[parent] == nil {
			parent = space + "." + parent
		}
		if from := d.interfaces[parent]; from != nil {
			d.inherit(parent, parents)
			for k, v := range from {
				if _, own := d.interfaces[name][k]; !own {
					d.interfaces[name][k] = v
				}
			}
		}
	}
}

// object is an interface, or what the alternatives of a type have together.
func (d *declarations) object(name string) map[string]declaredField {
	if fields := d.interfaces[name]; fields != nil {
		return fields
	}
	merged := map[string]declaredField{}
	var alternatives []map[string]declaredField
	for _, v := range d.variants(name) {
		alternatives = append(alternatives, d.object(v))
	}
	for _, a := range alternatives {
		for k, f := range a {
			for _, b := range alternatives {
				if other, has := b[k]; len(b) > 0 && (!has || other.optional) {
					f.optional = true
				}
			}
			if former, has := merged[k]; has && former.kind != f.kind {
				f.kind = "string" // literals of several alternatives
			}
			merged[k] = f
		}
	}
	return merged
}

// variants are the alternatives of a type, nil if it is none.
func (d *declarations) variants(name string) []string {
	var all []string
	for v := range strings.SplitSeq(d.aliases[name], "|") {
		if v = strings.TrimSuffix(strings.TrimSpace(v), "<F>"); v != "" {
			all = append(all, v)
		}
	}
	return all
}

// scanner reads TypeScript declarations from the front of text.
type scanner struct{ text, comment string }

// skip passes spaces and keeps the last comment.
func (s *scanner) skip() {
	for {
		s.text = strings.TrimSpace(s.text)
		end := strings.Index(s.text, "*/")
		if !strings.HasPrefix(s.text, "/*") || end < 0 {
			return
		}
		s.comment, s.text = s.text[:end], s.text[end+2:]
	}
}

// until returns what stands before a mark that is in no bracket, and passes it.
func (s *scanner) until(mark string) string {
	depth := 0
	for i, r := range s.text {
		switch {
		case depth == 0 && strings.HasPrefix(s.text[i:], mark):
			found := s.text[:i]
			s.text = s.text[i+len(mark):]
			return strings.Join(strings.Fields(found), " ")
		case strings.ContainsRune("([{<", r):
			depth++
		case strings.ContainsRune(")]}>", r):
			depth--
		}
	}
	s.text = ""
	return ""
}

// members reads the fields of an object up to its closing bracket; methods, if
// wanted, take those that are functions.
func (s *scanner) members(methods map[string]map[string]declaredField) map[string]declaredField {
	fields := map[string]declaredField{}
	for {
		s.comment = ""
		s.skip()
		if s.text == "" || s.text[0] == '}' {
			s.text = strings.TrimPrefix(s.text, "}")
			return fields
		}
		comment := s.comment
		end := strings.IndexAny(s.text, ":?(")
		name := s.text[:end]
		if s.text[end] != '(' {
			optional := s.text[end] == '?'
			s.text = strings.TrimPrefix(s.text[end:], "?")[1:]
			fields[name] = declaredField{s.until(";"), comment, optional}
			continue
		}
		s.text = s.text[end+1:]
		methods[name] = map[string]declaredField{}
		if strings.HasPrefix(s.text, "args") {
			s.text = s.text[strings.Index(s.text, "{")+1:]
			methods[name] = s.members(nil)
		}
		s.text = s.text[strings.Index(s.text, ")")+1:]
		s.until(";")
	}
}
