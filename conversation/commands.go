package conversation

import (
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
		{name: "status", help: "состояние обращения", run: (*turn).status},
		{name: "add", help: "дополнить обращение", run: (*turn).beginAddition},
		{name: "escalate", help: "эскалировать в {second}", run: (*turn).beginEscalation},
		{name: "solved", help: "проблема решена", run: solved},
		{name: "reopen", help: "не помогло: вернуть в работу", run: actByNumber(incident.Reject, labelNotHelp, "nothelp:")},
		{name: "withdraw", help: "отозвать обращение", run: actByNumber(incident.Withdraw, labelWithdraw, "undo:")},
		{name: "cancel", help: "отменить начатое", run: (*turn).cancel},
		{name: "contacts", help: "телефон и почта техподдержки", run: (*turn).contacts, free: true},
		{name: "help", help: "что умеет бот", run: (*turn).help, free: true},
		{name: "forget", help: "удалить мои данные", run: (*turn).forget, free: true},
		{name: "start", help: "начать", run: (*turn).start, free: true},
	}
}

// solved is the reporter's word that it works again: of an incident that
// support says is solved it is a yes.
func solved(t *turn, args string) {
	a, label, data := incident.Finish, labelFinish, "finish:"
	if len(openOf(t.Reporter)) == 0 {
		a, label, data = incident.Confirm, labelHelped, "helped:"
	}
	actByNumber(a, label, data)(t, args)
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
	name := c.Name
	if own, russian := russianCommands[strings.ReplaceAll(name, "ё", "е")]; russian {
		name = own
	}
	for _, spec := range commands {
		if spec.name != name {
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
	const unknown = "Такой команды нет. Что умеет бот — /help."
	t.untaken()
	if t.s.Idle() {
		t.say(unknown)
		return
	}
	t.turnAway(unknown)
}

// start shows where the person stands: the draft in hand, what is open, what
// waits for a word; else the first question.
func (t *turn) start(string) {
	solved := t.solved()
	switch open := openOf(t.Reporter); {
	case !t.consented():
		t.askConsent()
	case t.s.Draft != nil:
		t.newReport("")
	case len(open) > 0:
		t.s.Escalation, t.s.Addition, t.s.Offer = nil, nil, nil
		t.prompt(Message{
			HTML:    paragraphs(esc(t.introduction()), t.listed(append(solved, open...))),
			Buttons: [][]Button{{{labelNew, "new", Success}, {labelMine, "my", Plain}}},
		})
	case len(solved) > 0:
		t.s.Escalation, t.s.Addition, t.s.Offer = nil, nil, nil
		i := solved[0]
		_, buttons := t.stillWorks(i)
		t.prompt(Message{
			HTML:    paragraphs(t.statusText(i, t.At), "Помогло?"),
			Buttons: append(buttons, []Button{{labelNew, "new", Plain}, {labelMine, "my", Plain}}), About: i.Number,
		})
	default:
		t.say(paragraphs(esc(t.introduction()), t.otherWays()))
		t.beginReport(nil)
	}
}

// solved are the incidents that wait for the person's word whether it helped.
func (t *turn) solved() []incident.Incident {
	return slices.DeleteFunc(slices.Clone(t.Reporter.Incidents), func(i incident.Incident) bool { return i.Status != incident.Resolved })
}

func (t *turn) help(string) {
	var b strings.Builder
	for _, c := range t.Commands() {
		b.WriteString("/" + c.Name + " — " + esc(c.Help) + "\n")
	}
	t.say(paragraphs("<b>Что умеет бот</b>", strings.TrimRight(b.String(), "\n"),
		"После команды можно написать номер обращения, а после /add и /escalate — и текст.", t.otherWays()))
	t.resume()
}

func (t *turn) contacts(string) {
	t.say(t.contactsText(t.At))
	t.resume()
}

// mine shows the person's incidents in one message, the open ones first, each
// with its button; a single one is shown whole.
func (t *turn) mine(string) {
	all := t.Reporter.Incidents
	switch len(all) {
	case 0:
		t.say("Обращений у вас пока нет. Подать новое — /new.")
	case 1:
		t.showIncident(all[0])
	default:
		sorted := slices.Clone(all)
		slices.SortStableFunc(sorted, func(a, b incident.Incident) int { return rank(a) - rank(b) })
		shown := sorted[:min(listedMost, len(sorted))]
		var rows [][]Button
		for pair := range slices.Chunk(shown, 2) {
			var row []Button
			for _, i := range pair {
				row = append(row, Button{numbered(i.Number), "st:" + string(i.Number), Plain})
			}
			rows = append(rows, row)
		}
		t.say(paragraphs("Ваши обращения", t.listed(sorted), "Подробно — по кнопке с номером."), rows...)
	}
	t.resume()
}

// rank sorts incidents: those that wait for the person, the open ones, the
// others.
func rank(i incident.Incident) int {
	switch {
	case i.Status == incident.Waiting, i.Status == incident.Resolved:
		return 0
	case i.Status.Open():
		return 1
	}
	return 2
}

// listedMost is how many incidents one message lists.
const listedMost = 10

// listed writes incidents one a paragraph.
func (t *turn) listed(all []incident.Incident) string {
	var lines []string
	for _, one := range all[:min(listedMost, len(all))] {
		about, _ := incident.Cut(line(one.Description()), 60)
		said := "<b>" + numbered(one.Number) + "</b> — " + strings.ToLower(one.Status.String()) + ", подано " + t.When(one.RegisteredAt, t.At)
		if about != "" {
			said += "\n" + esc(about)
		}
		lines = append(lines, said)
	}
	if rest := len(all) - len(lines); rest > 0 {
		lines = append(lines, "И ещё "+count(rest, "обращение", "обращения", "обращений")+": /status и номер.")
	}
	return strings.Join(lines, "\n\n")
}

func (t *turn) status(args string) {
	all := choice{label: labelStatus, data: "st:", candidates: t.Reporter.Incidents}
	if i, _, ok := t.pick(args, all); ok {
		t.showIncident(i)
		t.resume()
	}
}

// wrong tells what to do about a press or a command that cannot be carried
// out. It is a message even after a press: a toast is gone before a number is
// compared.
func (t *turn) wrong(text string) {
	if _, pressed := t.Event.(Press); pressed && !t.typed {
		t.answer(text)
	}
	t.untaken()
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
