package desk

import (
	"fmt"
	"strings"

	"intakebot/conversation"
	"intakebot/incident"
)

const (
	noticeHead = "📋 <b>Новых обращений: %d.</b> Карточки придут по очереди.\n"
	noticeFoot = "\n\nРаботать можно уже сейчас: /take, /ask, /resolve или /incident и номер. Карточка взятого придёт раньше других."
)

// NewIncidents names as many incidents as fit into one message, from the first.
func NewIncidents(news []incident.Incident) (html string, named int) {
	room := MessageMost - incident.Units(conversation.PlainText(fmt.Sprintf(noticeHead, len(news))+noticeFoot))
	var lines strings.Builder
	for _, i := range news {
		line := fmt.Sprintf("\n№\u00a0%s · %s", i.Number, shortened(i.Organisation()))
		if room -= incident.Units(line); room < 0 {
			break
		}
		lines.WriteString(Escape(line))
		named++
	}
	return fmt.Sprintf(noticeHead, named) + lines.String() + noticeFoot, named
}

// shortened makes an organisation's name fit into a line of a list. Long ones
// begin alike («Государственное бюджетное учреждение …») and differ in their
// end, so the middle goes.
func shortened(name string) string {
	const most, head = 64, 24
	runes := []rune(strings.Join(strings.Fields(name), " "))
	if len(runes) <= most {
		return string(runes)
	}
	begin := string(runes[:head])
	if at := strings.LastIndexByte(begin, ' '); at > 0 {
		begin = begin[:at]
	}
	end := string(runes[len(runes)-(most-len([]rune(begin))-3):])
	if at := strings.IndexByte(end, ' '); at >= 0 && at < len(end)/2 {
		end = end[at+1:]
	}
	return begin + " … " + end
}
