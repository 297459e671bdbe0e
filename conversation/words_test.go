package conversation

import (
	"strings"
	"testing"

	"intakebot/incident"
)

// TestWordsForButtons: no word means two buttons that can stand under one
// question, and each is written as it is compared.
func TestWordsForButtons(t *testing.T) {
	screens := [][]string{
		{"ok", "no"}, {"reg", "edit", "drop", "hint"}, {"back", "drop", "keep", "hint", "edit"}, {"goon", "anew"}, {"send", "restate", "noesc"},
		{"swap", "append", "unswap"}, {"propose", "noesc"}, {"helped", "nothelp"}, {"offeradd", "offernew", "offerno", "offerdraft"}, {"done", "helped", "nothelp"},
	}
	for _, screen := range screens {
		means := map[string]string{}
		for _, verb := range screen {
			for _, word := range buttonWords[verb] {
				if other := means[word]; other != "" {
					t.Errorf("%q means %s and %s", word, other, verb)
				}
				means[word] = verb
			}
		}
	}
	for verb, words := range buttonWords {
		if _, known := presses[verb]; !known {
			t.Errorf("no button %q", verb)
		}
		for _, word := range words {
			if plainWords(word) != word {
				t.Errorf("%s: %q is never found", verb, word)
			}
		}
	}
	for word, c := range commandWords {
		if plainWords(word) != word || !IsCommand(c.command) {
			t.Errorf("%q, /%s", word, c.command)
		}
	}
	for name, command := range russianCommands {
		if !IsCommand(command) || IsCommand(name) || strings.Contains(name, "ё") {
			t.Errorf("/%s is /%s", name, command)
		}
	}
}

func TestJudge(t *testing.T) {
	for typed, want := range map[string]struct {
		v    verdict
		bare bool
	}{
		"Да": {works, true}, "Спасибо!!!": {works, true}, "«Помогло».": {works, true}, "Всё заработало 👍": {works, true},
		"нет": {fails, true}, "НЕ ПОМОГЛО": {fails, true}, "Нет, не работает.": {fails, true}, "Всё ещё не работает": {fails, true},
		"Спасибо, всё работает!": {works, false}, "Благодарю за помощь": {works, false}, "Работает, но медленно": {works, false},
		"Опять не работает, лампа мигает": {fails, false}, "Не помогло: связи нет": {fails, false}, "Больше не работает": {fails, false},
		"Если не работает, кому звонить?": {unclear, false}, "Спасибо, но не работает принтер": {unclear, false}, "Раньше не работало": {unclear, false},
		"Кабель заменили, теперь работает, раньше не работало": {unclear, false}, "А когда приедет мастер?": {unclear, false}, "": {unclear, false}, "👍": {unclear, false},
	} {
		if v, bare := judge(typed); v != want.v || bare != want.bare {
			t.Errorf("%q: %d, %v", typed, v, bare)
		}
	}
}

// TestOnlyANoOpensAgain: of what is written about a solved incident nothing but
// a clear no sets it back to work.
func TestOnlyANoOpensAgain(t *testing.T) {
	for typed, want := range map[string]incident.Status{
		"Спасибо, всё работает!": incident.Resolved, "спасибо": incident.Closed, "Да.": incident.Closed, "Ок, проверю завтра": incident.Resolved,
		"Если не работает, звонить вам?": incident.Resolved, "нет": incident.InProgress, "Не работает!": incident.InProgress, "Снова не работает, мигает": incident.InProgress,
	} {
		w := newWorld(t)
		n := w.reported().Number
		w.act(incident.Act{Number: n, Action: incident.Solve, By: incident.ByDesk, Name: "Игорь", Text: "Готово", At: w.at})
		w.about = n
		w.say(typed)
		i, _ := w.reporter.Find(n)
		if i.Status != want {
			t.Errorf("%q leaves it %s, want %s", typed, i.Status, want)
		}
		if bare := want == incident.Closed || typed == "нет" || typed == "Не работает!"; !bare && i.History[len(i.History)-1].Text != typed {
			t.Errorf("%q does not reach support: %+v", typed, i.History[len(i.History)-1])
		}
	}
}

// FuzzWords: whatever is typed at the summary, it registers only when it is a
// word for that, and nothing else of the draft gets lost by it.
func FuzzWords(f *testing.F) {
	for _, word := range []string{"да", "Отправить!", "изменить телефон", "«отмена»", "спасибо", "нет", "26-00001-0", "всё", "ДА\u200b", "д\u0430\u0301"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		w := newWorld(t)
		w.reporter.Consent.Version = w.d.ConsentVersion
		w.do(Command{Name: "new"})
		for range Steps {
			if step, ok := StepAsked(w.question()); ok {
				w.say(step.Example)
			}
		}
		before := w.state.Draft.answers()
		w.say(typed)
		if has[Register](w.effects) {
			means := false
			for _, word := range append([]string{plainWords(labelRegister)}, buttonWords["reg"]...) {
				means = means || plainWords(typed) == word
			}
			if !means {
				t.Fatalf("%q registers", typed)
			}
			return
		}
		draft := w.state.Draft
		if draft == nil {
			draft = w.state.Discarded
		}
		if draft == nil || len(draft.answers()) != len(before) || !strings.HasPrefix(draft.answers().Get(incident.Description), before.Get(incident.Description)) {
			t.Fatalf("%q leaves %+v", typed, draft)
		}
		for _, effect := range w.effects {
			checkEffect(t, effect)
		}
	})
}
