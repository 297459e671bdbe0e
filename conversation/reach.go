package conversation

import (
	"strings"
	"time"
)

// What people read of the support line: every word of it comes from
// Dialogue.Line.

// phone writes support's telephone: «8-800-200-79-32, доб. 155».
func (d *Dialogue) phone() string {
	if d.Line.Support.Extension == "" {
		return d.Line.Support.Phone
	}
	return d.Line.Support.Phone + ", доб." + nbsp + d.Line.Support.Extension
}

// phoneHours writes when the telephone is answered: «с 8:00 до 17:00».
func (d *Dialogue) phoneHours() string {
	from, until := d.Line.Support.Opens, d.Line.Support.Closes
	if until <= from {
		return "круглосуточно"
	}
	return "с" + nbsp + from.String() + " до" + nbsp + until.String()
}

// operator says, after a space, what to tell whoever answers the telephone
// first; "" when support answers itself.
func (d *Dialogue) operator() string {
	if d.Line.Support.Operator == "" {
		return ""
	}
	return " Если ответит секретарь, " + d.Line.Support.Operator + "."
}

// closedNow adds when the telephone opens, if nobody answers it now.
func (d *Dialogue) closedNow(now time.Time) string {
	local := now.In(d.Location)
	if open, opens := d.phoneOpen(local); !open {
		return " Сейчас по телефону не отвечают, звоните " + opensAt(opens, local) + "."
	}
	return ""
}

func (d *Dialogue) contactsText(now time.Time) string {
	s := d.Line.Support
	return paragraphs(
		"<b>Техподдержка</b> — "+esc(s.Name),
		"Тел. "+esc(d.phone())+", "+d.phoneHours()+"."+esc(d.operator())+d.closedNow(now),
		esc(d.roundTheClock()),
	)
}

// roundTheClock are the ways that are open at any hour, one a line.
func (d *Dialogue) roundTheClock() string {
	lines := []string{"Почта " + d.Line.Support.Email + " — круглосуточно."}
	if form := d.Line.Support.Form; form != "" {
		lines = append(lines, "Форма "+form+" — круглосуточно.")
	}
	return strings.Join(lines, "\n")
}

// otherWays are points 3 and 4 of the regulation.
func (d *Dialogue) otherWays() string {
	box := d.Line.Support.Email
	if d.Line.Support.Form != "" {
		box += " и " + d.Line.Support.Form
	}
	return "Обратиться можно и иначе: тел. " + d.phone() + " (" + d.phoneHours() + "), " + box + " — круглосуточно." + d.operator()
}

func (d *Dialogue) introduction() string {
	return "Здравствуйте! Здесь принимают обращения о " + d.Line.Network + ".\n" + d.Line.Breaks + "\n" +
		"Бот задаст " + questions(len(Steps)) + ", назовёт регистрационный номер и сразу передаст обращение техподдержке.\n"
}

func (d *Dialogue) refusedText() string {
	lines := []string{"тел. " + d.phone() + " (" + d.phoneHours() + ")", d.Line.Support.Email + " (круглосуточно)"}
	if form := d.Line.Support.Form; form != "" {
		lines = append(lines, form+" (круглосуточно)")
	}
	return paragraphs("Хорошо, данные не сохраняем. Без согласия принять обращение здесь не получится, но техподдержка поможет и так:",
		strings.Join(lines, "\n"), "Передумаете — нажмите «Согласен» выше или /start.")
}
