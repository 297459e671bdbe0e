package conversation

import "intakebot/incident"

// The longest introductions that Telegram takes (Bot API, setMyDescription and
// setMyShortDescription).
const (
	introductionMost = 512
	profileMost      = 120
)

// Introduction is what people read before they write to the bot: in the empty
// chat, and on its profile.
func (d *Dialogue) Introduction() (chat, profile string) {
	chat = "Техническая поддержка " + d.Line.Network + ". " + d.Line.Breaks + "\n\n" +
		"Зададим " + questions(len(Steps)) + ", зарегистрируем обращение, назовём его номер и напишем, когда появятся новости.\n\n" +
		"Телефон: " + d.phone()
	return incident.CutUnits(chat, introductionMost), incident.CutUnits("Обращения в техподдержку "+d.Line.Network, profileMost)
}
