package config

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intakebot/conversation"
	"intakebot/incident"
)

// What people read of names the boxes that the letters go to.
func TestLineOfSettings(t *testing.T) {
	t.Parallel()
	line := Settings{Support: "Поддержка <help@example.ru>", UIT: "uit@example.ru"}.SupportLine()
	if line.Support.Email != "help@example.ru" || line.Second.Email != "uit@example.ru" {
		t.Errorf("%+v, %+v", line.Support, line.Second)
	}
	if off := (Settings{}).SupportLine(); off.Support.Email != "155@krasnodar.pro" || off.Second.Email == "" {
		t.Errorf("without a copy: %+v, %+v", off.Support, off.Second)
	}
}

// TestLinePrinted: what `intakebot line` prints is a LINE_FILE, holds every
// field, and makes the same line again.
func TestLinePrinted(t *testing.T) {
	t.Parallel()
	for _, want := range []incident.Line{incident.RegulationLine(), {
		Network: `сети «Б» "две"`, Breaks: "Пишите сюда.", Regulation: "", Support: incident.Desk{Name: "Мы", Phone: "+7 (3522) 42-80-01", Email: "a@b.ru"},
		Second: incident.Second{Name: "ЦИТ", Full: "Центр", Email: "c@d.ru"},
	}} {
		var printed bytes.Buffer
		if err := WriteLine(&printed, want); err != nil {
			t.Fatal(err)
		}
		got, err := readLine(printed.String())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s\n%s", err, diff, &printed)
		}
		if n := strings.Count(printed.String(), " = "); n != leavesOf(reflect.TypeFor[incident.Line]()) {
			t.Errorf("%d fields are printed, a line has %d:\n%s", n, leavesOf(reflect.TypeFor[incident.Line]()), &printed)
		}
	}
}

// leavesOf counts the fields of a struct and of those in it.
func leavesOf(t reflect.Type) (n int) {
	for field := range t.Fields() {
		if field.Type.Kind() == reflect.Struct {
			n += leavesOf(field.Type)
		} else {
			n++
		}
	}
	return n
}

// TestLineFile: what the file leaves out stays, what it says is taken, and the
// variables of the boxes are stronger.
func TestLineFile(t *testing.T) {
	t.Parallel()
	path := write(t, "network = \"сети Б\"\n[support]\nphone = \"8 (800) 100-00-00\"\nemail = \"line@example.ru\"\n[second]\nname = \"ЦИТ\"\nemail = \"cit@example.ru\"\n")
	s, mistakes := read(map[string]string{"LINE_FILE": path})
	line := s.SupportLine()
	if len(mistakes) > 0 || s.Support != "line@example.ru" || s.UIT != "cit@example.ru" || line.Support.Phone != "8 (800) 100-00-00" ||
		line.Second.Name != "ЦИТ" || line.Support.Name != incident.RegulationLine().Support.Name || s.Consent != conversation.BuiltInConsent(line) {
		t.Errorf("%q: %+v, %s, %s", mistakes, line, s.Support, s.UIT)
	}
	s, mistakes = read(map[string]string{"LINE_FILE": path, "SUPPORT_EMAIL": "", "UIT_EMAIL": "УИТ <uit@example.ru>"})
	if line := s.SupportLine(); len(mistakes) > 0 || s.Support != "" || line.Support.Email != "line@example.ru" || line.Second.Email != "uit@example.ru" {
		t.Errorf("%q: %+v, %s", mistakes, line, s.Support)
	}
}

// TestWrongLineFile: every mistake is a line of its own and says where it
// stands and what belongs there.
func TestWrongLineFile(t *testing.T) {
	t.Parallel()
	for text, wants := range map[string][]string{
		"network = 1\n[support]\nfone = \"8\"\nphone = \"позвоните\"\n\n[second]\nemail = \"x\"\n[third]\nname = \"a\"\n": {
			"line 1: network should hold a text", "line 4: support.phone should hold", "line 7: second.email should hold", "line 3: there is no key support.fone", "line 8: there is no key third",
		},
		"support = 8\n":                                          {"line 1: support should be a table"},
		"network = \"a\nb = 1":                                   {"line 1: "},
		"[support]\nopens = 8\n":                                 {"line 2: support.opens should hold a time of day"},
		"[support]\nopens = \"18:00\"\n":                         {"support.opens should be before support.closes"},
		"[second]\nname = \"\"\nfull = \"a\\nb\"\n":              {"line 2: second.name", "line 3: second.full"},
		"[support]\nform = \"rosint\"\nextension = \"доб. 1\"\n": {"line 2: support.form", "line 3: support.extension"},
	} {
		_, mistakes := read(map[string]string{"LINE_FILE": write(t, text)})
		if len(mistakes) != len(wants) {
			t.Errorf("%q: %q", text, mistakes)
		}
		for _, want := range wants {
			found := false
			for _, m := range mistakes {
				found = found || m.Variable == "LINE_FILE" && strings.HasPrefix(m.Text, "LINE_FILE ") && !strings.Contains(m.Text, "\n") && strings.Contains(m.Text, want)
			}
			if !found {
				t.Errorf("%q: no mistake says %q:\n%q", text, want, mistakes)
			}
		}
	}
}
