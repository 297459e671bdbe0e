package e2e

import (
	"fmt"
	"strings"
	"testing/synctest"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// somebody is a person who does what a person might do with what she sees.
type somebody struct {
	*simulator.Actor
	y    *year
	name string // surname
}

// meet brings everybody together.
func (y *year) meet() {
	for _, surname := range harness.Surnames[:2+y.IntN(3)] {
		p := &somebody{y.telegram.Person("Анна", surname).Chat(), y, surname}
		y.people = append(y.people, p)
	}
	for _, name := range []string{"Соколов", "Белова", "Ким"} {
		y.staff = append(y.staff, y.group.Staff("Игорь", name))
	}
}

func (p *somebody) note(format string, args ...any) {
	p.y.ledger.Note(p.y.outside.Now(), p.ChatID(), p.name+" "+format, args...)
}

// says sends a text with a word; must says that it has to be kept.
func (p *somebody) says(kind harness.WordKind, must bool, format string, send func(text string) int) {
	w := p.y.ledger.Fresh(kind, p.ChatID())
	text := fmt.Sprintf(format, w)
	p.note("says %q", text)
	p.y.ledger.Typed(w, send(text), must)
}

// answers are what a person writes at a question, by its first line.
var answers = []struct {
	line  string
	texts []string // %s is a word
	kind  harness.WordKind
}{
	{"Организация", []string{"Администрация %s муниципального округа", "Управление культуры, %s"}, harness.WordReport},
	{"ФИО", []string{"Иванова Анна Петровна", "Сидорова Ольга"}, ""},
	{"Телефон", []string{"8 (3522) 42-80-01 доб. 155", "+79125556677"}, ""},
	{"Электронная почта", []string{"anna@example.ru", "support.team@example.ru"}, ""},
	{"Описание", []string{"Нет связи с сетью, %s.", "Координатор не отвечает: %s"}, harness.WordReport},
	{"Текущее состояние", []string{"Без изменений, %s.", "Ждём, %s"}, harness.WordState},
	{"Дополнение", []string{"Стало хуже: %s", "Перезагрузили, %s"}, harness.WordReport},
}

// acts does one thing.
func (p *somebody) acts() {
	last := p.Last()
	first := last.FirstLine()
	if last.ID == 0 {
		p.note("says /start")
		p.Send("/start")
		return
	}
	if p.y.IntN(5) == 0 {
		p.wanders()
		return
	}
	switch {
	case last.Button("Согласен") != nil:
		p.presses(last, "Согласен")
	case strings.Contains(first, "Проверьте"):
		p.summary(last)
	case last.Button("Отправить в УИТ") != nil:
		p.presses(last, "Отправить в УИТ")
	default:
		if !p.answersQuestion(first) {
			p.wanders()
		}
	}
}

// answersQuestion writes what a question asks for.
func (p *somebody) answersQuestion(first string) bool {
	for _, a := range answers {
		if !strings.Contains(first, a.line) {
			continue
		}
		text := a.texts[p.y.IntN(len(a.texts))]
		switch {
		case a.line == "Телефон" && p.y.IntN(3) == 0:
			p.note("shares her number")
			p.ShareContact()
		case a.kind == "":
			p.note("says %q", text)
			p.Send(text)
		case a.line == "Описание" && p.y.IntN(4) == 0:
			p.says(a.kind, false, text, func(text string) int { return p.SendPhoto(aPhoto, text) })
		case a.line == "Описание" && p.y.IntN(6) == 0:
			p.says(a.kind, false, text, p.album)
		default:
			p.says(a.kind, false, text, p.Send)
		}
		return true
	}
	return false
}

var (
	aPhoto    = simulator.File{Name: "foto.jpg", MIME: "image/jpeg", Data: []byte("\xff\xd8\xff photo")}
	aDocument = simulator.File{Name: "shema.pdf", MIME: "application/pdf", Data: []byte("%PDF-1.4")}
)

// album sends two photos, the first with the text.
func (p *somebody) album(text string) int {
	ids := p.SendAlbum(simulator.AlbumItem{File: aPhoto, Caption: text}, simulator.AlbumItem{File: aPhoto})
	return ids[0]
}

// summary is what one does with the summary.
func (p *somebody) summary(last simulator.Message) {
	switch p.y.IntN(10) {
	case 0:
		p.says(harness.WordReport, false, "И ещё: %s", p.Send)
	case 1:
		p.note("sends a document")
		p.SendDocument(aDocument, "")
	case 2:
		p.presses(last, "Изменить")
	case 3:
		p.presses(last, "Назад")
	case 4:
		p.presses(last, "Зарегистрировать")
		p.presses(last, "Зарегистрировать")
	default:
		p.presses(last, "Зарегистрировать")
	}
}

// wanders does something that nobody asked for.
func (p *somebody) wanders() {
	y := p.y
	mine := p.registered()
	n := ""
	if len(mine) > 0 {
		n = " " + string(mine[y.IntN(len(mine))].number)
	}
	switch y.IntN(16) {
	case 0:
		p.commands("/my", "/help", "/contacts", "/cancel", "/start", "/status"+n)
	case 1, 2:
		p.commands("/new")
	case 3, 4:
		p.commands("/escalate" + n)
	case 5:
		p.commands("/add" + n)
	case 6, 7, 8:
		p.adds(mine)
	case 9:
		p.says(harness.WordReport, false, "Кстати, %s", p.Send)
	case 10:
		p.note("sends a sticker, a voice message and her number")
		p.SendSticker()
		p.SendVoice(simulator.File{Data: []byte("OggS")}, "")
		p.ShareContact()
	case 11:
		p.edits()
	case 12:
		p.blocks()
	default:
		p.pressesAnything()
	}
}

func (p *somebody) commands(any ...string) {
	text := any[p.y.IntN(len(any))]
	p.note("says %s", text)
	p.Send(text)
}

// number is an incident of a person, and the message that told her.
type number struct {
	number incident.Number
	told   int
}

// registered are the person's incidents, as her chat shows them.
func (p *somebody) registered() []number {
	var mine []number
	for _, m := range p.Messages() {
		if m.FromBot && strings.Contains(m.FirstLine(), "зарегистрировано: №") {
			if found := incident.FindNumbers(m.FirstLine()); len(found) == 1 {
				mine = append(mine, number{found[0], m.ID})
			}
		}
	}
	return mine
}

// adds answers the message with a number.
func (p *somebody) adds(mine []number) {
	if len(mine) == 0 {
		p.commands("/start")
		return
	}
	one := mine[p.y.IntN(len(mine))]
	p.says(harness.WordAdded, false, "Добавлю к "+string(one.number)+": %s", func(text string) int {
		if p.y.IntN(4) == 0 {
			return p.Replying(one.told).SendPhoto(aPhoto, text)
		}
		return p.Reply(one.told, text)
	})
}

// edits changes a message that she wrote.
func (p *somebody) edits() {
	var own []simulator.Message
	for _, m := range p.Messages() {
		if !m.FromBot && harness.LedgerWord.MatchString(m.Body()) && m.Attachment == nil {
			own = append(own, m)
		}
	}
	if len(own) == 0 {
		return
	}
	m := own[len(own)-1-p.y.IntN(min(3, len(own)))]
	p.says(harness.WordReport, false, "Поправка: %s", func(text string) int {
		p.note("by an edit of %d", m.ID)
		if err := p.Edit(m.ID, text); err != nil {
			p.y.Fatal(err)
		}
		return m.ID
	})
}

// blocks: a message of hers unblocks the bot again.
func (p *somebody) blocks() {
	if p.y.IntN(3) != 0 {
		return
	}
	p.note("blocks the bot")
	p.y.ledger.Blocks(p.ChatID())
	p.Block()
}

// presses presses a button of a message; it may be gone.
func (p *somebody) presses(m simulator.Message, label string) {
	p.note("presses %q under %d", label, m.ID)
	_ = p.PressOn(m.ID, label)
}

// pressesAnything presses a button among the latest.
func (p *somebody) pressesAnything() {
	var with []simulator.Message
	for _, m := range p.Messages() {
		if m.FromBot && len(m.Buttons) > 0 {
			with = append(with, m)
		}
	}
	if len(with) == 0 {
		return
	}
	m := with[len(with)-1-p.y.IntN(min(4, len(with)))]
	row := m.Buttons[p.y.IntN(len(m.Buttons))]
	label := row[p.y.IntN(len(row))].Text
	if strings.Contains(label, "Удалить") { // what is forgotten cannot be looked for
		return
	}
	p.presses(m, label)
}

// finishes files one more incident, in peace, and does with it what can be
// done: it has to work.
func (p *somebody) finishes() {
	if p.files() {
		p.addsInPeace()
	}
}

// files goes the straight way to a number.
func (p *somebody) files() bool {
	p.Unblock()
	before := len(p.registered())
	p.note("wants to file in peace")
	p.Send("/new")
	for range 40 {
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(p.registered()) > before {
			return true
		}
		p.goesOn()
	}
	p.y.Errorf("%s cannot file an incident in peace:\n%s\n%s", p.name, p.Screen(), p.y.ledger.About("", p.ChatID()))
	return false
}

// goesOn does what the last message asks for.
func (p *somebody) goesOn() {
	last := p.Last()
	first := last.FirstLine()
	for _, label := range []string{"Согласен", "Продолжить", "Зарегистрировать"} {
		if last.Button(label) != nil {
			p.presses(last, label)
			return
		}
	}
	switch {
	case strings.Contains(first, "Описание"):
		p.says(harness.WordReport, true, "Снова нет связи, %s.", p.Send)
	case strings.Contains(first, "Текущее состояние"), strings.Contains(first, "Дополнение"):
		p.Send("/cancel")
	case !p.answersQuestion(first):
		p.Send("/new")
	}
}

func (p *somebody) addsInPeace() {
	mine := p.registered()
	one := mine[len(mine)-1]
	p.says(harness.WordAdded, true, "В довершение: %s", func(text string) int { return p.Reply(one.told, text) })
	synctest.Wait()
	p.note("escalates %s", one.number)
	p.Send("/escalate " + string(one.number))
	time.Sleep(2 * time.Second)
	synctest.Wait()
	p.says(harness.WordState, true, "Без изменений, %s", p.Send)
	time.Sleep(2 * time.Second)
	synctest.Wait()
	p.presses(p.Last(), "Отправить в УИТ")
	time.Sleep(2 * time.Second)
	synctest.Wait()
}
