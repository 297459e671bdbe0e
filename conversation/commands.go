package conversation

import (
	"errors"
	"slices"
	"strings"

	"intakebot/incident"
)

// CommandSpec is a command as Telegram's menu and /help name it.
type CommandSpec struct {
	Name string
	Help string // 1 to 256 characters
}

// command is a row of the table of commands.
type command struct {
	name string
	help string // {second} stands for the name of the second line
	run  func(*turn, string)
	// free: it works before consent.
	free bool
}

// commands are the commands of the private chat in the order of the menu. Each
// button that does something to an incident has one: Telegram drops a press
// that waited for 150 seconds, a message it keeps for a day.
var commands []command

func init() { // a literal would refer to itself through /help
	commands = []command{
		{name: "new", help: "новое обращение", run: (*turn).newReport},
		{name: "my", help: "мои обращения", run: (*turn).mine},
		{name: "status", help: "состояние обращения: добавьте номер", run: (*turn).status},
		{name: "add", help: "дополнить обращение: добавьте номер", run: (*turn).beginAddition},
		{name: "escalate", help: "эскалировать в {second}: добавьте номер", run: (*turn).beginEscalation},
		{name: "solved", help: "проблема решена: добавьте номер", run: actByNumber(incident.Finish, labelFinish, "finish:")},
		{name: "reopen", help: "не решено: добавьте номер", run: actByNumber(incident.Reject, labelNotDone, "nothelp:")},
		{name: "withdraw", help: "отозвать обращение: добавьте номер", run: actByNumber(incident.Withdraw, labelWithdraw, "undo:")},
		{name: "cancel", help: "отменить начатое", run: (*turn).cancel},
		{name: "contacts", help: "телефон и почта техподдержки", run: (*turn).contacts, free: true},
		{name: "help", help: "что умеет бот", run: (*turn).help, free: true},
		{name: "forget", help: "удалить мои данные", run: (*turn).forget, free: true},
		{name: "start", help: "начать", run: (*turn).start, free: true},
	}
}

// Commands are the commands of the private chat in the order of the menu.
func (d *Dialogue) Commands() []CommandSpec {
	var all []CommandSpec
	for _, c := range commands {
		all = append(all, CommandSpec{c.name, strings.ReplaceAll(c.help, "{second}", d.Line.Second.Name)})
	}
	return all
}

// IsCommand says whether the private chat knows a command of that name.
func IsCommand(name string) bool {
	return slices.ContainsFunc(commands, func(c command) bool { return c.name == name })
}

func (t *turn) command(c Command) {
	for _, spec := range commands {
		if spec.name != c.Name {
			continue
		}
		if !spec.free && !t.consented() {
			t.askConsent()
			return
		}
		spec.run(t, c.Args)
		return
	}
	if !t.consented() {
		t.askConsent()
		return
	}
	if t.s.Idle() {
		t.say("Такой команды нет. Что умеет бот — /help.")
		return
	}
	t.ask("Такой команды нет. Что умеет бот — /help.")
}

func (t *turn) start(string) {
	switch {
	case !t.consented():
		t.askConsent()
	case t.s.Draft != nil:
		t.newReport("")
	case len(openOf(t.Reporter)) > 0:
		t.s.Escalation, t.s.Addition, t.s.Offer = nil, nil, nil
		t.prompt(Message{
			HTML:    esc(t.introduction()) + "\n" + t.listed(openOf(t.Reporter)),
			Buttons: [][]Button{{{labelNew, "new", Success}, {labelMine, "my", Plain}}},
		})
	default:
		t.say(esc(t.introduction() + t.otherWays()))
		t.beginReport(nil)
	}
}

func (t *turn) help(string) {
	var b strings.Builder
	b.WriteString("<b>Что умеет бот</b>\n\n")
	for _, c := range t.Commands() {
		b.WriteString("/" + c.Name + " — " + esc(c.Help) + "\n")
	}
	b.WriteString("\n" + esc(t.otherWays()))
	t.say(b.String())
	t.resume()
}

func (t *turn) contacts(string) {
	t.say(t.contactsText(t.At))
	t.resume()
}

// mine shows the person's incidents, the open ones first, each with what can
// be done about it.
func (t *turn) mine(string) {
	all := t.Reporter.Incidents
	if len(all) == 0 {
		t.say("Обращений у вас пока нет. Подать новое — /new.")
		t.resume()
		return
	}
	const whole = 5
	shown := openOf(t.Reporter)
	var ended []incident.Incident
	for _, i := range all {
		if !i.Status.Open() {
			ended = append(ended, i)
		}
	}
	if len(shown) == 0 && len(ended) == 1 {
		shown, ended = ended, nil
	}
	for _, i := range shown[:min(whole, len(shown))] {
		t.showIncident(i)
	}
	if len(shown) > whole {
		ended = append(shown[whole:], ended...)
	}
	if len(ended) > 0 {
		t.say(paragraphs("<b>Другие обращения</b>", t.listed(ended), "Подробно — /status и номер."))
	}
	t.resume()
}

// listed writes incidents one a line, at most ten.
func (t *turn) listed(all []incident.Incident) string {
	const most = 10
	var lines []string
	for i, one := range all {
		if i == most {
			lines = append(lines, "…")
			break
		}
		about, _ := incident.Cut(line(one.Description()), 60)
		lines = append(lines, copyable(one.Number)+" — "+strings.ToLower(one.Status.String())+", подано "+
			t.When(one.RegisteredAt, t.At)+": "+esc(about))
	}
	return strings.Join(lines, "\n")
}

func (t *turn) status(args string) {
	if i, ok := t.pick(args, labelStatus, "st:", t.Reporter.Incidents); ok {
		t.showIncident(i)
		t.resume()
	}
}

// pick finds the person's own incident that a command or a button means. With
// no number it is the only candidate; with several the person chooses. A
// number of somebody else is unknown, like one that does not exist.
func (t *turn) pick(args, verb, data string, candidates []incident.Incident) (incident.Incident, bool) {
	if args == "" {
		return t.pickOne(verb, data, candidates)
	}
	n, err := incident.ParseNumber(args)
	switch {
	case errors.Is(err, incident.ErrMistyped):
		t.wrong("В номере опечатка: сверьте его, пожалуйста, с сообщением бота, там он копируется касанием.")
	case err != nil:
		t.wrong("Номер обращения выглядит так: 26-00001-4. Ваши номера — /my.")
	default:
		if i, ok := t.Reporter.Find(n); ok {
			return i, true
		}
		t.wrong("Обращения " + numbered(n) + " среди ваших нет. Ваши номера — /my.")
	}
	return incident.Incident{}, false
}

func (t *turn) pickOne(verb, data string, candidates []incident.Incident) (incident.Incident, bool) {
	switch len(candidates) {
	case 0:
		t.wrong("Открытых обращений у вас нет. Подать новое — /new.")
		return incident.Incident{}, false
	case 1:
		return candidates[0], true
	}
	const most = 5
	var rows [][]Button
	for _, i := range candidates[:min(most, len(candidates))] {
		rows = append(rows, []Button{{verb + ": " + numbered(i.Number), data + string(i.Number), Plain}})
	}
	t.say(paragraphs("О каком обращении речь?", t.listed(candidates)), rows...)
	return incident.Incident{}, false
}

// wrong tells what to do about a press or a command that cannot be carried
// out. It is a message even after a press: a toast is gone before a number is
// compared.
func (t *turn) wrong(text string) {
	if _, pressed := t.Event.(Press); pressed && !t.typed {
		t.answer(text)
	}
	t.say(esc(text))
	t.resume()
}

// openOf are the incidents that support still works on.
func openOf(r incident.Reporter) []incident.Incident {
	var open []incident.Incident
	for _, i := range r.Incidents {
		if i.Status.Open() {
			open = append(open, i)
		}
	}
	return open
}

// cancel ends the dialogue that has the floor.
func (t *turn) cancel(string) {
	switch {
	case t.s.Escalation != nil:
		t.cancelEscalation("")
	case t.s.Addition != nil:
		t.endAddition("")
	case t.s.Offer != nil:
		t.dropOffer("")
	case t.s.Draft != nil:
		t.cancelDraft("")
	default:
		t.say("Отменять нечего: ничего не начато. Подать обращение — /new.")
	}
}
