package conversation

import (
	"fmt"
	"slices"
	"strings"

	"intakebot/incident"
)

// forget asks once before anything is erased, and says what is stored, what
// goes and what stays (152-ФЗ, article 21).
func (t *turn) forget(string) {
	stored, all := t.stored(), t.Reporter.Stored
	switch {
	case len(stored) == 0 && all.Erasing:
		t.s = State{Keyboard: t.s.Keyboard}
		t.say("Ваши данные уже удаляются. Напишем, когда всё будет готово.")
		return
	case len(stored) == 0:
		t.say("О вас ничего не сохранено: ни согласия, ни ответов, ни обращений. Удалять нечего.")
		return
	}
	incidents, letters, stays := "", "", ""
	if all.Open > 0 {
		incidents = "Открытые обращения отменятся: техподдержка перестанет ими заниматься."
	}
	if all.Letters > 0 {
		letters = "Неотправленные письма сначала уйдут, потом удалим и их: " + lettersLast + "."
	}
	if all.Incidents > 0 {
		stays = t.staysText()
	}
	t.prompt(Message{
		HTML: paragraphs("<b>Удалить ваши данные?</b>",
			"Сейчас сохранено:\n— "+strings.Join(stored, "\n— "),
			"Удалим всё это"+deskToo(all)+". Вернуть будет нельзя.", incidents, letters, stays, copiesText),
		Buttons: [][]Button{{{labelErase, "erase:" + t.NewID, Danger}}, {{labelCancel, "keepme", Plain}}},
	})
}

const (
	lettersLast = "когда их примет почтовый сервер, самое позднее через пять дней"
	copiesText  = "В резервных копиях данные останутся, пока копии не сменятся новыми. " +
		"Переписка на вашем телефоне останется у вас."
)

func (d *Dialogue) staysText() string {
	return "В журнале останутся номер, время, организация и состояние каждого обращения: без них обращения не учесть. " +
		"Письма, которые уже ушли в техподдержку и в " + esc(d.Line.Second.Name) + ", остаются у них."
}

// deskToo says that the group is cleaned, when there is something in it.
func deskToo(s incident.Stored) string {
	if s.Incidents == 0 {
		return ""
	}
	return ", а в группе техподдержки — всё, что разрешает убрать Telegram"
}

// stored names what is kept of the person, a line each.
func (t *turn) stored() []string {
	var lines []string
	s := t.Reporter.Stored
	if s.Incidents > 0 {
		line := "обращения: " + fmt.Sprint(s.Incidents)
		if s.Open > 0 {
			line += " (открытых: " + fmt.Sprint(s.Open) + ")"
		}
		lines = append(lines, line+", с перепиской по ним")
	}
	if s.Files > 0 {
		lines = append(lines, "файлы: "+fmt.Sprint(s.Files))
	}
	if s.Letters > 0 {
		lines = append(lines, "неотправленные письма: "+fmt.Sprint(s.Letters))
	}
	var labels []string
	for _, a := range t.Reporter.Remembered {
		labels = append(labels, a.Label)
	}
	if len(labels) > 0 {
		lines = append(lines, "запомненные ответы: "+esc(strings.Join(labels, ", ")))
	}
	if !t.s.Idle() || t.s.Discarded != nil {
		lines = append(lines, "неоконченный черновик")
	}
	if at := t.Reporter.Consent.At; !at.IsZero() {
		lines = append(lines, "согласие от "+at.In(t.Location).Format("02.01.2006"))
	}
	return lines
}

// erase does what was asked. A button of an older question, which showed what
// was stored then, asks anew.
func (t *turn) erase(id string) {
	asked := func(b Button) bool { return b.Data == "erase:"+id }
	if len(t.stored()) == 0 || !slices.ContainsFunc(t.s.Screen, asked) {
		t.forget("")
		return
	}
	t.effects = append(t.effects, Forget{})
	letters := ""
	if t.Reporter.Stored.Letters > 0 {
		letters = "Сначала уйдут письма, которые ещё в очереди: " + lettersLast + "."
	}
	t.s = State{Keyboard: t.s.Keyboard}
	t.say(paragraphs("Удаляем ваши данные. Согласие отозвано.", letters, "Напишем, когда всё будет готово."))
}

func (t *turn) keepMe(string) {
	t.s.Screen = nil
	t.answer("Ничего не удаляем.")
	t.resume()
}

// numbersShown is how many numbers one message lists.
const numbersShown = 20

// NumberList writes numbers in a row: «№ 26-00001-4, № 26-00002-8».
func NumberList(all []incident.Number) string {
	var shown []string
	for _, n := range all[:min(numbersShown, len(all))] {
		shown = append(shown, numbered(n))
	}
	list := strings.Join(shown, ", ")
	if rest := len(all) - len(shown); rest > 0 {
		list += " и ещё " + fmt.Sprint(rest)
	}
	return list
}

// Forgotten tells the person that the data of these incidents are erased, and
// how many messages in the group could not be taken away.
func (d *Dialogue) Forgotten(numbers []incident.Number, stayed int) Message {
	kept, group := "", ""
	if len(numbers) > 0 {
		kept = "В журнале остались номер, время, организация и состояние: " + NumberList(numbers) + "."
	}
	if stayed > 0 {
		group = "В группе техподдержки осталось сообщений: " + fmt.Sprint(stayed) +
			". Их написали сотрудники, или Telegram не даёт их убрать. Мы попросили сотрудников удалить их."
	}
	return Message{HTML: paragraphs("Ваши данные удалены.", kept, group, "Вернуться можно в любой момент — /start.")}
}

// LastLetter tells the person what became of the letter that went before the
// data were erased.
func (d *Dialogue) LastLetter(n incident.Number, e incident.Escalation, l LetterByHand) Message {
	if e.Letter == incident.LetterSent {
		return Message{HTML: d.letterAbout() + numbered(n) + " отправлено."}
	}
	return Message{HTML: paragraphs("⚠️ "+d.letterAbout()+numbered(n)+" не принято почтовым сервером и тоже удалено.",
		"Если оно нужно, отправьте его, пожалуйста, со своей почты на <code>"+esc(l.To)+"</code>:",
		"<pre>"+esc(incident.CutUnits(l.Text, letterShown))+"</pre>")}
}
