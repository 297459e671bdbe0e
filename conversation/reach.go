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

// operator says what to tell whoever answers the telephone first; "" when
// support answers itself.
func (d *Dialogue) operator() string {
	if d.Line.Support.Operator == "" {
		return ""
	}
	return "Если ответит секретарь, " + d.Line.Support.Operator + "."
}

// closedNow says when the telephone opens, if nobody answers it now.
func (d *Dialogue) closedNow(now time.Time) string {
	local := now.In(d.Location)
	if open, opens := d.phoneOpen(local); !open {
		return "Сейчас по телефону не отвечают, звоните " + opensAt(opens, local) + "."
	}
	return ""
}

// urgent says how to reach support at once: by telephone, when it is answered.
func (d *Dialogue) urgent(now time.Time) string {
	local := now.In(d.Location)
	if open, opens := d.phoneOpen(local); !open {
		return "Телефон техподдержки ответит " + opensAt(opens, local) + ": " + esc(d.phone()) + "."
	}
	return "Срочно? Звоните " + esc(d.phone()) + "."
}

func (d *Dialogue) contactsText(now time.Time) string {
	return paragraphs("<b>Техподдержка</b> — "+esc(d.Line.Support.Name), d.ways(), lines(esc(d.operator()), d.closedNow(now)))
}

// ways are the ways to reach support, one a line.
func (d *Dialogue) ways() string {
	s := d.Line.Support
	lines := []string{"тел. " + d.phone() + " (" + d.phoneHours() + ")", s.Email + " (круглосуточно)"}
	if s.Form != "" {
		lines = append(lines, s.Form+" (круглосуточно)")
	}
	return esc(strings.Join(lines, "\n"))
}

// otherWays are points 3 and 4 of the regulation.
func (d *Dialogue) otherWays() string {
	return "Обратиться можно и иначе:\n" + d.ways()
}

// introduction says in three lines what this is for.
func (d *Dialogue) introduction() string {
	return "Здравствуйте! Здесь принимают обращения о " + d.Line.Network + ".\n" + d.Line.Breaks + "\n" +
		"Зададим " + questions(len(Steps)) + ", назовём номер и передадим обращение техподдержке."
}

func (d *Dialogue) refusedText() string {
	return paragraphs("Хорошо, данные не сохраняем. Без согласия принять обращение здесь не получится, но техподдержка поможет и так:",
		d.ways(), "Передумаете — нажмите «"+labelConsent+"» выше или отправьте /start.")
}
