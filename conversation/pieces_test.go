package conversation

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intakebot/incident"
)

// TestThoughtInPieces: whatever way a thought is cut into messages, at once or
// one after the other, all of it is in the description.
func TestThoughtInPieces(t *testing.T) {
	for _, thought := range [][]string{
		{"нет", "связи", "с утра"}, {"связи", "нет"}, {"не работает", "телефон"}, {"здравствуйте", "нет связи"}, {"всё", "отключилось", "всё"}, {"статуса", "нет", "..."},
	} {
		for _, way := range []string{"at the question", "at the question of a second report", "at once", "unasked", "unasked, at once"} {
			w := newWorld(t)
			if strings.Contains(way, "second") || strings.Contains(way, "unasked") {
				w.reported()
			} else {
				w.reporter.Consent.Version = w.d.ConsentVersion
			}
			if !strings.Contains(way, "unasked") {
				w.do(Command{Name: "new"})
				for range len(Steps) - 1 {
					if step, ok := StepAsked(w.question()); ok && !step.Parts {
						w.say(step.Example)
					}
				}
			}
			for k, words := range thought {
				w.more = strings.Contains(way, "at once") && k < len(thought)-1
				w.say(words)
			}
			if w.state.Offer != nil {
				w.press(labelNew)
			}
			if w.state.Draft == nil {
				t.Errorf("%v %s: no draft, %q", thought, way, w.out)
				continue
			}
			said := plainWords(joinParts(w.state.Draft.Parts))
			for _, words := range thought {
				if !courtesy(words) && !strings.Contains(said, plainWords(words)) {
					t.Errorf("%v %s: %q is lost in %q", thought, way, words, said)
				}
			}
		}
	}
}

// TestAnswersAtOnce: the answers of a whole report, come as one batch however
// they are cut, end up where they belong.
func TestAnswersAtOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.reporter.Consent.Version = w.d.ConsentVersion
		w.do(Command{Name: "new"})
		messages := []string{"Администрация Кетовского муниципального округа", "Иванова Анна Петровна", "8 (3522) 42-80-01", "ivanova@example.ru", "Нет связи с утра"}
		if rapid.Bool().Draw(rt, "cut the organisation") {
			messages = append([]string{"Администрация Кетовского", "муниципального округа"}, messages[1:]...)
		}
		for k, m := range messages {
			w.more = k < len(messages)-1 && rapid.Bool().Draw(rt, "more")
			cut := k+1 < len(messages) && m == "Администрация Кетовского"
			w.more = w.more || cut // else it is a whole answer
			w.say(m)
		}
		if w.state.Draft == nil || !w.state.Draft.complete() {
			rt.Fatalf("not complete: %+v\n%s", w.state.Draft, strings.Join(w.out, "\n"))
		}
		got := w.state.Draft.answers()
		for key, want := range map[incident.Key]string{
			incident.Organisation: "Администрация Кетовского муниципального округа", incident.FullName: "Иванова Анна Петровна",
			incident.PhoneNumber: "+73522428001", incident.Email: "ivanova@example.ru", incident.Description: "Нет связи с утра",
		} {
			if got.Get(key) != want {
				rt.Fatalf("%s is %q, want %q", key, got.Get(key), want)
			}
		}
	})
}
