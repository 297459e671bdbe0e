package incident

import "testing"

// TestSolution: the desk's word or the reporter's, each once until the incident
// is opened again.
func TestSolution(t *testing.T) {
	for _, c := range []struct {
		name string
		way  []Action
		last Kind
		seq  int
	}{
		{"none", []Action{Take, Ask, Append, Relay}, "", 0},
		{"by the desk", []Action{Take, Solve}, KindSolved, 1},
		{"confirmed", []Action{Solve, Confirm, Rate}, KindSolved, 1},
		{"said by both", []Action{Solve, Finish}, KindSolved, 1},
		{"by the reporter", []Action{Take, Finish}, KindFinished, 1},
		{"opened again", []Action{Solve, Reject}, KindSolved, 1},
		{"solved again", []Action{Solve, Reject, Solve}, KindSolved, 2},
		{"thanked", []Action{Solve, Append, Confirm, Append}, KindSolved, 1},
		{"thanked and finished", []Action{Solve, Append, Finish}, KindSolved, 1},
		{"opened again and finished", []Action{Solve, Confirm, Append, Reject, Finish}, KindFinished, 2},
		{"withdrawn", []Action{Withdraw}, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := registered()
			for _, a := range c.way {
				i = done(t, i, Act{Action: a, Name: "Иван"})
			}
			last, seq, ok := i.Solution()
			if last.Kind != c.last || seq != c.seq || ok != (c.seq > 0) {
				t.Errorf("%q %d %v, want %q %d", last.Kind, seq, ok, c.last, c.seq)
			}
		})
	}
}

func TestEscalated(t *testing.T) {
	for want, letters := range map[bool][]LetterState{
		false: {LetterRefused, LetterRefused},
		true:  {LetterRefused, LetterQueued},
	} {
		i := registered()
		for _, l := range letters {
			i.Escalations = append(i.Escalations, Escalation{Letter: l})
		}
		if i.Escalated() != want || registered().Escalated() {
			t.Errorf("%v: %v", letters, i.Escalated())
		}
	}
}
