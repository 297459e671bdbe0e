// Command prefill fills a register with incidents that never were, to see how the
// program does in its tenth year:
//
//	go run ./internal/prefill FILE N
//
// The file is made or added to; no bot may use it meanwhile.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"intakebot/incident"
	"intakebot/storage"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: prefill FILE N")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 1 {
		return fmt.Errorf("usage: prefill FILE N: %q is no number of incidents", args[1])
	}
	zone, err := time.LoadLocation("Asia/Yekaterinburg")
	if err != nil {
		return err
	}
	opts := storage.Options{Location: zone}
	r, err := storage.Open(ctx, args[0], opts) // makes the tables
	if err == nil {
		err = r.Close()
	}
	if err == nil {
		err = fill(ctx, args[0], n, zone)
	}
	if err != nil {
		return err
	}
	if r, err = storage.Open(ctx, args[0], opts); err != nil {
		return err
	}
	return errors.Join(r.Reindex(ctx), r.Close())
}

const (
	// between two incidents: a hundred thousand a year.
	between = 315 * time.Second
	// openOf: one of so many is still open.
	openOf = 2000
	people = 5000
)

// fill adds n incidents that end now.
func fill(ctx context.Context, path string, n int, zone *time.Location) error {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(0)&_pragma=cache_size(-200000)")
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var first int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM incidents").Scan(&first); err != nil {
		return err
	}
	f, err := newFiller(ctx, tx)
	if err != nil {
		return err
	}
	began := time.Now().Add(-time.Duration(n) * between)
	for k := range n {
		if err := f.incident(first+int64(k)+1, began.Add(time.Duration(k)*between).In(zone)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// filler holds the statements of one transaction.
type filler struct {
	number, incidents, history, message, told *sql.Stmt
}

func newFiller(ctx context.Context, tx *sql.Tx) (*filler, error) {
	var f filler
	var err error
	for into, text := range map[**sql.Stmt]string{
		&f.number: `INSERT INTO counters (year, last) VALUES (?, 1) ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last`,
		&f.incidents: `INSERT INTO incidents (id, number, year, seq, draft_id, reporter, status, status_at, assignee, registered_at,
			version, card_version, card_chat, card_message_id, announced, answers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 3, 3, -1001, ?, 1, ?)`,
		&f.history: `INSERT INTO history (incident, at, kind, side, name, text) VALUES (?, ?, ?, ?, ?, ?)`,
		&f.message: `INSERT OR IGNORE INTO messages (chat, message_id, number) VALUES (?, ?, ?)`,
		&f.told: `INSERT INTO outbox (key, channel, number, chat, rank, reply_to_card, prompt, state, created_at, settled_at)
			VALUES (?, 'mail', ?, 0, 2, 0, 0, 'sent', ?, ?)`,
	} {
		var bad error
		*into, bad = tx.PrepareContext(ctx, text)
		err = errors.Join(err, bad)
	}
	return &f, err
}

func (f *filler) incident(id int64, at time.Time) error {
	var seq int
	if err := f.number.QueryRow(at.Year()).Scan(&seq); err != nil {
		return err
	}
	number, reporter := string(incident.NewNumber(at.Year(), seq)), 1_000_000+id%people
	status, assignee := incident.Closed, "Игорь Соколов"
	if id%openOf == 0 {
		status, assignee = incident.Registered, ""
	}
	answers, err := json.Marshal(answersOf(id))
	if err != nil {
		return err
	}
	ms := at.UnixMilli()
	steps := []struct {
		stmt *sql.Stmt
		args []any
	}{
		{f.incidents, []any{id, number, at.Year(), seq, fmt.Sprint("prefill-", id), reporter, string(status), ms, assignee, ms, id, string(answers)}},
		{f.history, []any{id, ms, string(incident.KindRegistered), string(incident.ByReporter), "", ""}},
		{f.message, []any{reporter, id, number}},
		{f.told, []any{fmt.Sprint("prefill:", id), number, ms, ms}},
	}
	if status == incident.Closed {
		steps = append(steps, []struct {
			stmt *sql.Stmt
			args []any
		}{
			{f.history, []any{id, ms + 600_000, string(incident.KindTaken), string(incident.ByDesk), assignee, ""}},
			{f.history, []any{id, ms + 3_600_000, string(incident.KindSolved), string(incident.ByDesk), assignee, "Перезапустили координатор, связь восстановлена."}},
		}...)
	}
	for _, step := range steps {
		if _, err := step.stmt.Exec(step.args...); err != nil {
			return err
		}
	}
	return nil
}

var (
	surnames = []string{"Иванов", "Фёдоров", "Кузнецов", "Соколов", "Щербаков", "Лебедев", "Козлов", "Морозов", "Орлов", "Зайцев"}
	places   = []string{"Щучанского", "Кетовского", "Шадринского", "Каргапольского", "Катайского", "Куртамышского", "Макушинского", "Юргамышского"}
	troubles = []string{"Не запускается координатор ViPNet", "С утра не открывается система электронного документооборота",
		"Нет связи с ЕСПГУ", "Не подписывается отчёт", "Медленно открывается портал", "Пропадает защищённый канал"}
)

func answersOf(id int64) incident.Answers {
	pick := func(of []string, by int64) string { return of[int(id/by)%len(of)] }
	return incident.Answers{
		{Key: incident.Organisation, Label: "Организация", Value: fmt.Sprintf("Администрация %s муниципального округа № %d", pick(places, 1), id%400)},
		{Key: incident.FullName, Label: "ФИО", Value: pick(surnames, 3) + " Пётр Сергеевич"},
		{Key: incident.PhoneNumber, Label: "Телефон", Value: fmt.Sprintf("+7912%07d", id%people*1999)},
		{Key: incident.Email, Label: "Электронная почта", Value: fmt.Sprintf("user%d@example.org", id%people)},
		{Key: incident.Description, Label: "Описание", Value: fmt.Sprintf("%s, рабочее место %d, обращались вчера по телефону, просили перезагрузить: не помогло.", pick(troubles, 7), id)},
	}
}
