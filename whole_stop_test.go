package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intakebot/simulator"
	"intakebot/storage"
)

// TestGracefulStop: SIGTERM ends the process with exit code 0 within ten
// seconds, whatever is under way, and nothing is lost by it.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trouble func(h *house) // before the press
		await   func(h *house) // until it is under way
		mend    func(h *house)
	}{
		"at rest": {func(*house) {}, func(h *house) { h.letter(supportBox, 1) }, func(*house) {}},
		"Telegram is down": {
			func(*house) {},
			func(h *house) { h.letter(supportBox, 1); h.telegram.SetDown(true) },
			func(h *house) { h.telegram.SetDown(false) },
		},
		"Telegram does not answer": {
			func(h *house) {
				h.telegram.Fault(simulator.Fault{Kind: simulator.Hang, Methods: []string{"sendMessage"}})
			},
			(*house).hangs,
			func(h *house) { h.telegram.ClearFaults() },
		},
		"a letter is under way": {
			func(h *house) { h.mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Action: simulator.Stall}) },
			func(h *house) { h.struck(1) },
			func(h *house) { h.mail.ClearFaults() },
		},
		"neither Telegram nor the relay answers": {
			func(h *house) {
				h.telegram.Fault(simulator.Fault{Kind: simulator.Hang, Methods: []string{"sendMessage"}})
				h.mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Action: simulator.Stall})
			},
			func(h *house) { h.struck(1); h.hangs() },
			func(h *house) { h.telegram.ClearFaults(); h.mail.ClearFaults() },
		},
		"the relay is down": {
			func(h *house) { h.mail.SetDown(true) },
			func(h *house) {},
			func(h *house) { h.mail.SetDown(false) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := startHouse(t, inRealTime, troubled)
			anna := h.clerk()
			anna.reaches("")
			anna.registers()
			h.letter(supportBox, 1)
			h.close()

			p := h.process("serve")
			anna.Ask("/new", "Описание")
			anna.Ask("Снова нет связи, вся сеть.", summaryHead)
			test.trouble(h)
			anna.Press("Зарегистрировать")
			p.out.await(t, "incident registered", 1)
			test.await(h)
			p.stops()
			test.mend(h)

			anna.Mark()
			h.open()
			second := h.filed(2)[1].Number
			h.card(second, "Снова нет связи")
			if got := h.letter(supportBox, 2).Header("X-Incident-Number"); got != string(second) {
				t.Errorf("the letter is about %s, not %s", got, second)
			}
			anna.AwaitView(func([]simulator.Message) bool { return anna.count(string(second)) > 0 })
		})
	}
}

// hangs waits until a call to Telegram gets no answer.
func (h *house) hangs() {
	h.Helper()
	_, err := h.telegram.AwaitCall(h.within(), func(c simulator.Call) bool { return c.Fault == simulator.Hang })
	if err != nil {
		h.Fatal(err)
	}
}

// struck waits until the mail relay has misbehaved so often.
func (h *house) struck(times int) {
	h.Helper()
	for late := time.Now().Add(patience); h.mail.Struck() < times; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			h.Fatalf("the relay misbehaved %d times, not %d", h.mail.Struck(), times)
		}
	}
}

// TestExportAndBackup work while the program runs and need SQLITE_PATH alone.
func TestExportAndBackup(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.begins()
	anna.Ask("=HYPERLINK(\"http://example.ru\";\"Администрация\")", "ФИО")
	anna.Ask(usual[1].answer, "Телефон")
	anna.answersFrom("Телефон")
	n := anna.registers()
	anna.escalates(n, "Связи; нет.")
	folder := t.TempDir()
	env := map[string]string{"SQLITE_PATH": h.env["SQLITE_PATH"]}

	table := filepath.Join(folder, "register.csv")
	if p := startProcess(t, env, "export", "--format", "csv", table); p.code() != 0 {
		t.Fatalf("export: %s", p.out)
	}
	data, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(string(data), "\ufeff")
	if !marked {
		t.Errorf("no byte order mark: %q", text[:10])
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v\n%s", len(rows), err, text)
	}
	row := map[string]string{}
	for k, title := range rows[0] {
		row[title] = rows[1][k]
	}
	for title, want := range map[string]string{
		"Номер": string(n), "Состояние": "Зарегистрировано", "ФИО": usual[1].answer, "Телефон": "'" + usualPhone,
		"Электронная почта": usual[3].answer, "Описание": usualProblem, "Эскалаций": "1",
		"Организация": "'=HYPERLINK(\"http://example.ru\";\"Администрация\")", "Зарегистрировано": "23.11.2026 14:05",
	} {
		if got := plain(row[title]); got != plain(want) {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
	for title, cell := range row {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			t.Errorf("%s would be a formula: %q", title, cell)
		}
	}
	if p := startProcess(t, env, "export", "--format", "csv", table); p.code() == 0 {
		t.Error("export overwrites a file")
	}
	for days, want := range map[string]string{
		"--from 2026-11-23 --to 2026-11-23": "incidents: 1", "--to 2026-11-22": "incidents: 0", "--from 2026-11-24": "incidents: 0",
	} {
		args := append([]string{"export", "--format", "xlsx", filepath.Join(folder, days)}, strings.Fields(days)...)
		if p := startProcess(t, env, args...); p.code() != 0 || !strings.Contains(p.out.String(), want) {
			t.Errorf("export %s: %s", days, p.out)
		}
	}

	copied := filepath.Join(folder, "copy.db")
	if p := startProcess(t, env, "backup", copied); p.code() != 0 {
		t.Fatalf("backup: %s", p.out)
	}
	r, err := storage.OpenReader(t.Context(), copied)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	reporter, err := r.Reporter(t.Context(), anna.ChatID())
	if err != nil || len(reporter.Incidents) != 1 || reporter.Incidents[0].Number != n {
		t.Errorf("the copy holds %+v, %v", reporter, err)
	}
	anna.Ask("/status", string(n)) // the program still works
}
