package simulator

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSpecAgainstTypes holds spec.txt against a description of the Bot API that
// others keep: npm's @grammyjs/types 5.0.0, which is Bot API 10.3.
func TestSpecAgainstTypes(t *testing.T) {
	folder := os.Getenv("INTAKEBOT_TEST_GRAMMY_TYPES")
	if folder == "" {
		const how = "INTAKEBOT_TEST_GRAMMY_TYPES is not set: npm pack @grammyjs/types@5.0.0, unpack it, name the folder with methods.d.ts"
		if os.Getenv("INTAKEBOT_TEST_STRICT") == "1" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	theirs, err := readDeclarations(folder)
	if err != nil {
		t.Fatal(err)
	}
	for name, own := range spec.methods {
		declared, known := theirs.methods[name]
		if !known {
			t.Errorf("%s is no method of theirs", name)
			continue
		}
		compareFields(t, name, own.fields, declared)
	}
	for name, own := range spec.objects {
		compareFields(t, name, own.fields, theirs.object(name))
	}
	for name, variants := range spec.unions {
		if declared := theirs.variants(name); !slices.Equal(slices.Sorted(slices.Values(variants)), slices.Sorted(slices.Values(declared))) && declared != nil {
			t.Errorf("%s is %q, theirs is %q", name, variants, declared)
		}
	}
}

func compareFields(t *testing.T, owner string, own []field, theirs map[string]declaredField) {
	t.Helper()
	left := maps.Clone(theirs)
	for _, f := range own {
		d, known := left[f.name]
		delete(left, f.name)
		if !known {
			t.Errorf("%s.%s is no field of theirs", owner, f.name)
			continue
		}
		if f.kind != "Any" && !slices.Contains(d.kinds(), f.kind) {
			t.Errorf("%s.%s is %s, theirs is %s", owner, f.name, f.kind, d.kind)
		}
		if f.required == d.optional {
			t.Errorf("%s.%s: required is %v, theirs is %v", owner, f.name, f.required, !d.optional)
		}
		if got := d.limit(); got != "" && got != strings.TrimSuffix(f.limit, "*") {
			t.Errorf("%s.%s has the limit %q, theirs is %q", owner, f.name, f.limit, got)
		}
	}
	for name, d := range left {
		if !strings.Contains(d.comment, "@deprecated") {
			t.Errorf("%s lacks %s %s", owner, name, d.kind)
		}
	}
}

// declarations are what the folder declares.
type declarations struct {
	methods    map[string]map[string]declaredField
	interfaces map[string]map[string]declaredField // namespaced ones as Space.Name
	aliases    map[string]string
}

type declaredField struct {
	kind, comment string
	optional      bool
}

// kinds are the words of spec.txt that fit a type of theirs: number is Integer
// or Float.
func (d declaredField) kinds() []string {
	kind := strings.TrimSpace(d.kind)
	kind = strings.TrimPrefix(strings.ReplaceAll(kind, "<F>", ""), "readonly ")
	if strings.HasPrefix(kind, "ReadonlyArray<InputMediaAudio") {
		return []string{"[]AlbumMedia"}
	}
	for {
		inner, is := strings.CutPrefix(kind, "ReadonlyArray<")
		if !is || !strings.HasSuffix(inner, ">") {
			break
		}
		kind = inner[:len(inner)-1] + "[]"
	}
	if strings.HasSuffix(kind, "[][]") {
		return []string{"[][]" + strings.TrimSuffix(kind, "[][]")}
	}
	if element, is := strings.CutSuffix(kind, "[]"); is && !strings.ContainsAny(element, "|<") {
		var all []string
		for _, k := range (declaredField{kind: element}).kinds() {
			all = append(all, "[]"+k)
		}
		return all
	}
	switch {
	case kind == "number":
		return []string{"Integer", "Float"}
	case kind == "string", kind == "ParseMode", kind == "LanguageCode", kind == `""`:
		return []string{"String"}
	case kind == "boolean", kind == "true":
		return []string{"Boolean"}
	case kind == "number | string":
		return []string{"ChatID"}
	case kind == "F":
		return []string{"Upload"}
	case kind == "F | string":
		return []string{"File"}
	case strings.HasPrefix(kind, "Exclude<keyof Update"):
		return []string{"String", "[]String"}
	case strings.HasPrefix(kind, "InlineKeyboardMarkup |"):
		return []string{"ReplyMarkup"}
	case literals.MatchString(kind):
		return []string{strings.Join(literal.FindAllString(kind, -1), "|"), "String"}
	}
	return []string{kind}
}

var (
	literal  = regexp.MustCompile(`"[^"]*"`)
	literals = regexp.MustCompile(`^("[^"]*"|` + "`[^`]*`" + `)(\s*\|\s*("[^"]*"|` + "`[^`]*`" + `))*$`)
	ranges   = regexp.MustCompile(`\b(\d+)-(\d+)\b`)
)

// limit is the range that the comment tells, if it tells one.
func (d declaredField) limit() string {
	for _, found := range ranges.FindAllStringSubmatch(d.comment, -1) {
		low, _ := strconv.Atoi(found[1])
		if high, _ := strconv.Atoi(found[2]); low < high { // ISO 639-1 is no range
			return found[0]
		}
	}
	return ""
}
