package e2e

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
	"intakebot/storage"
)

// TestGracefulStop: SIGTERM ends the process with exit code 0 within ten
// seconds, whatever is under way, and nothing is lost by it.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trouble func(h *harness.Harness) // before the press
		await   func(h *harness.Harness) // until it is under way
		mend    func(h *harness.Harness)
	}{
		"at rest": {func(*harness.Harness) {}, func(h *harness.Harness) { h.Letter(harness.SupportBox, 1) }, func(*harness.Harness) {}},
		"Telegram is down": {
			func(*harness.Harness) {},
			func(h *harness.Harness) { h.Letter(harness.SupportBox, 1); h.Telegram.SetDown(true) },
			func(h *harness.Harness) { h.Telegram.SetDown(false) },
		},
		"Telegram does not answer": {
			func(h *harness.Harness) {
				h.Telegram.Fault(simulator.Fault{Kind: simulator.Hang, Methods: []string{"sendMessage"}})
			},
			(*harness.Harness).Hangs,
			func(h *harness.Harness) { h.Telegram.ClearFaults() },
		},
		"a letter is under way": {
			func(h *harness.Harness) {
				h.Mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Action: simulator.Stall})
			},
			func(h *harness.Harness) { struck(h, 1) },
			func(h *harness.Harness) { h.Mail.ClearFaults() },
		},
		"neither Telegram nor the relay answers": {
			func(h *harness.Harness) {
				h.Telegram.Fault(simulator.Fault{Kind: simulator.Hang, Methods: []string{"sendMessage"}})
				h.Mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Action: simulator.Stall})
			},
			func(h *harness.Harness) { struck(h, 1); h.Hangs() },
			func(h *harness.Harness) { h.Telegram.ClearFaults(); h.Mail.ClearFaults() },
		},
		"the relay is down": {
			func(h *harness.Harness) { h.Mail.SetDown(true) },
			func(h *harness.Harness) {},
			func(h *harness.Harness) { h.Mail.SetDown(false) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t, harness.InRealTime, harness.Troubled)
			anna := h.Clerk()
			anna.Reaches("")
			anna.Registers()
			h.Letter(harness.SupportBox, 1)
			h.Close()

			p := h.Process("serve")
			anna.Ask("/new", "Описание")
			anna.Ask("Снова нет связи, вся сеть.", harness.SummaryHead)
			test.trouble(h)
			anna.Press("Зарегистрировать")
			p.Out.Await(t, "incident registered", 1)
			test.await(h)
			p.Stops()
			test.mend(h)

			anna.Mark()
			h.Open()
			second := h.Filed(2)[1].Number
			h.Card(second, "Снова нет связи")
			if got := h.Letter(harness.SupportBox, 2).Header("X-Incident-Number"); got != string(second) {
				t.Errorf("the letter is about %s, not %s", got, second)
			}
			anna.AwaitView(func([]simulator.Message) bool { return anna.Count(string(second)) > 0 })
		})
	}
}

// struck waits until the mail relay has misbehaved so often.
func struck(h *harness.Harness, times int) {
	h.Helper()
	for late := time.Now().Add(harness.Patience); h.Mail.Struck() < times; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			h.Fatalf("the relay misbehaved %d times, not %d", h.Mail.Struck(), times)
		}
	}
}

// TestExportAndBackup work while the program runs and need SQLITE_PATH alone.
func TestExportAndBackup(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Begins()
	anna.Ask("=HYPERLINK(\"http://example.ru\";\"Администрация\")", "ФИО")
	anna.Ask(harness.Usual[1].Answer, "Телефон")
	anna.AnswersFrom("Телефон")
	n := anna.Registers()
	anna.Escalates(n, "Связи; нет.")
	folder := t.TempDir()
	env := map[string]string{"SQLITE_PATH": h.Env["SQLITE_PATH"]}

	table := filepath.Join(folder, "register.csv")
	if p := harness.StartProcess(t, env, "export", "--format", "csv", table); p.Code() != 0 {
		t.Fatalf("export: %s", p.Out)
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
		"Номер": string(n), "Состояние": "Зарегистрировано", "ФИО": harness.Usual[1].Answer, "Телефон": harness.UsualPhone,
		"Электронная почта": harness.Usual[3].Answer, "Описание": harness.UsualProblem, "Эскалаций": "1",
		"Организация": "'=HYPERLINK(\"http://example.ru\";\"Администрация\")", "Зарегистрировано": "23.11.2026 14:05",
	} {
		if got := harness.Plain(row[title]); got != harness.Plain(want) {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
	for title, cell := range row {
		phone := title == "Телефон" && strings.Contains(cell, "\u00a0") // neither a number nor a formula
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && !phone {
			t.Errorf("%s would be a formula: %q", title, cell)
		}
	}
	if p := harness.StartProcess(t, env, "export", "--format", "csv", table); p.Code() == 0 {
		t.Error("export overwrites a file")
	}
	for days, want := range map[string]string{
		"--from 2026-11-23 --to 2026-11-23": "incidents: 1", "--to 2026-11-22": "incidents: 0", "--from 2026-11-24": "incidents: 0",
	} {
		args := append([]string{"export", "--format", "xlsx", filepath.Join(folder, days)}, strings.Fields(days)...)
		if p := harness.StartProcess(t, env, args...); p.Code() != 0 || !strings.Contains(p.Out.String(), want) {
			t.Errorf("export %s: %s", days, p.Out)
		}
	}

	copied := filepath.Join(folder, "copy.db")
	if p := harness.StartProcess(t, env, "backup", copied); p.Code() != 0 {
		t.Fatalf("backup: %s", p.Out)
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
