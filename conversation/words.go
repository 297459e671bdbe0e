package conversation

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"intakebot/incident"
)

// buttonWords are the words that people type instead of pressing a button, by
// what the button's data begins with. A word counts only while its button is
// on the screen. Where the next message may be one more piece of a thought,
// only words that say nothing of a breakdown are here: «связи», «нет».
var buttonWords = map[string][]string{
	"ok":       {"да", "согласна", "согласны", "я согласен", "я согласна", "да согласен", "да согласна", "ок", "хорошо"},
	"no":       {"нет", "не согласен", "не согласна", "отказываюсь", "отказ"},
	"reg":      {"да", "верно", "все верно", "да все верно", "правильно", "все правильно", "отправить", "отправь", "отправляй", "отправьте", "отправляйте", "отправляем", "подать", "зарегистрируй", "зарегистрируйте", "регистрируй", "подтверждаю", "готово", "ок"},
	"edit":     {"исправить", "поправить", "поменять", "неверно", "не верно"},
	"drop":     {"отмена", "отмени", "отменяй", "отмените"},
	"back":     {"обратно", "вернуться"},
	"goon":     {"да", "продолжай", "продолжим", "дальше"},
	"anew":     {"заново", "сначала", "начнем заново"},
	"restore":  {"вернуть", "верни", "верните"},
	"keep":     {"оставить", "оставь", "как есть"},
	"hint":     {"заменить", "замени", "замените"},
	"propose":  {"взять", "этот текст"},
	"send":     {"да", "верно", "все верно", "правильно", "отправить", "отправь", "отправляй", "отправьте", "отправляйте", "отправляем", "отправить письмо", "отправьте письмо", "ок"},
	"restate":  {"исправить", "поправить", "неверно", "не верно"},
	"noesc":    {"отмена", "отмени", "отменяй", "не надо", "не нужно", "не отправлять"},
	"swap":     {"да", "замени", "замените"},
	"unswap":   {"нет", "оставить", "отмена"},
	"done":     {"хватит", "отмена"},
	"offernew": {"новое", "новая"},
	"offeradd": {"дополнение", "добавить", "дополни"},
	"offerno":  {"отмена", "отменить", "не надо"},
	"keepme":   {"отмена", "нет", "не надо", "не удалять"},
	"helped":   helpedWords,
	"nothelp":  notHelpedWords,
}

var (
	helpedWords = []string{"да", "ага", "помогло спасибо", "да помогло", "спасибо", "спасибо помогло", "да спасибо", "большое спасибо",
		"спасибо большое", "все работает", "да все работает", "работает", "да работает", "заработало", "все заработало", "да заработало"}
	notHelpedWords = []string{"нет", "нет не помогло", "не работает", "нет не работает", "все еще не работает", "по прежнему не работает",
		"опять не работает", "снова не работает", "так и не работает", "ничего не работает", "не заработало", "нет не заработало", "не решено", "не помогло ничего"}
)

// commandWords are the words that people type instead of a command. Those
// that are anywhere are understood at a question too.
var commandWords = map[string]struct {
	command  string
	anywhere bool
}{
	"помощь": {"help", true}, "помогите": {"help", false}, "справка": {"help", true}, "что ты умеешь": {"help", false},
	"телефон": {"contacts", true}, "контакты": {"contacts", true}, "телефон техподдержки": {"contacts", true},
	"телефон поддержки": {"contacts", true}, "номер телефона": {"contacts", false}, "почта": {"contacts", false},
	"мои обращения": {"my", true}, "мои заявки": {"my", true}, "обращения": {"my", false},
	"статус": {"status", true}, "статус обращения": {"status", true}, "состояние обращения": {"status", true}, "состояние": {"status", false},
	"новое обращение": {"new", false}, "новая заявка": {"new", false}, "подать обращение": {"new", false}, "подать заявку": {"new", false},
	"старт": {"start", false}, "начать": {"start", false}, "отмена": {"cancel", true}, "отменить": {"cancel", true},
	"дополнить": {"add", false}, "дополнить обращение": {"add", false}, "эскалировать": {"escalate", false}, "эскалация": {"escalate", false},
	"все заработало": {"solved", false}, "заработало": {"solved", false}, "все работает": {"solved", false}, "проблема решена": {"solved", false},
	"не помогло": {"reopen", false}, "отозвать": {"withdraw", false}, "отозвать обращение": {"withdraw", false},
	"удалить мои данные": {"forget", false},
}

// russianCommands are commands typed in Russian: «/отмена».
var russianCommands = map[string]string{
	"новое": "new", "мои": "my", "статус": "status", "дополнить": "add", "эскалировать": "escalate", "эскалация": "escalate",
	"решено": "solved", "отозвать": "withdraw", "отмена": "cancel", "отменить": "cancel", "контакты": "contacts", "телефон": "contacts",
	"помощь": "help", "справка": "help", "удалить": "forget", "старт": "start", "начать": "start", "забыть": "forget",
}

// courtesies are words that say nothing of what broke.
var courtesies = []string{"здравствуйте", "здравствуй", "добрый день", "доброе утро", "добрый вечер", "доброго дня", "доброго времени суток",
	"приветствую", "привет", "спасибо", "большое спасибо", "спасибо большое", "заранее спасибо", "благодарю", "до свидания", "ок", "ау", "алло", "вы тут", "есть кто"}

// withoutCourtesy takes the courtesies off the beginning and the end of words
// as plainWords writes them.
func withoutCourtesy(words string) string {
	for again := true; again; {
		again = false
		for _, c := range courtesies {
			rest, cut := strings.CutPrefix(words, c)
			if cut = cut && (rest == "" || rest[0] == ' '); !cut {
				rest, cut = strings.CutSuffix(words, c)
				cut = cut && strings.HasSuffix(rest, " ")
			}
			if cut {
				words, again = strings.TrimSpace(rest), true
			}
		}
	}
	return words
}

// courtesy says that a text greets or thanks and says nothing else.
func courtesy(typed string) bool {
	words := plainWords(typed)
	return words != "" && withoutCourtesy(words) == ""
}

// thanks says that a courtesy is one of thanks.
func thanks(typed string) bool {
	words := plainWords(typed)
	return strings.Contains(words, "спасибо") || strings.Contains(words, "благодар")
}

// typedPress is the button on the screen that was meant by a typed text: its
// label, or a word for it.
func (t *turn) typedPress() (Press, bool) {
	e, ok := t.Event.(Text)
	if !ok || e.ForwardedFrom != "" {
		return Press{}, false
	}
	screen := slices.Concat(t.s.Screen, t.resting())
	typed, words := line(e.Text), plainWords(e.Text)
	for _, b := range screen {
		if strings.EqualFold(typed, line(b.Label)) || words != "" && words == plainWords(b.Label) {
			return Press{b.Data}, true
		}
	}
	_, about := t.Reporter.Find(t.About)
	if words == "" || about || t.newerQuestion() != "" {
		return Press{}, false // the words may answer support
	}
	for _, b := range screen {
		verb, _, _ := strings.Cut(b.Data, ":")
		if means(verb, words) && t.stands(b) {
			return Press{b.Data}, true
		}
	}
	return t.typedField(words)
}

// means says that words are those for a button: one or two of its list («все
// верно, отправляйте»), politeness aside. What helped and what did not is taken
// by the list alone: «нет, спасибо» says neither.
func means(verb, words string) bool {
	list := buttonWords[verb]
	if slices.Contains(list, words) || verb == "helped" || verb == "nothelp" {
		return slices.Contains(list, words)
	}
	words = withoutCourtesy(strings.TrimSpace(strings.ReplaceAll(" "+words+" ", " пожалуйста ", " ")))
	for _, first := range list {
		rest, ok := strings.CutPrefix(words, first)
		if ok && (rest == "" || slices.Contains(list, strings.TrimPrefix(rest, " ")) && rest[0] == ' ') {
			return true
		}
	}
	return false
}

// stands says that a question whose button is on the screen still stands.
func (t *turn) stands(b Button) bool {
	verb, rest, _ := strings.Cut(b.Data, ":")
	switch verb {
	case "helped", "nothelp":
		i, ok := t.Reporter.Find(incident.Number(rest))
		return ok && i.Status == incident.Resolved && !t.Reporter.Incidents[0].RegisteredAt.After(i.StatusAt)
	case "offeradd":
		return len(t.addable()) == 1
	case "edit":
		return slices.ContainsFunc(t.s.Screen, func(other Button) bool { return strings.HasPrefix(other.Data, "reg:") })
	}
	return true
}

// changes begins a wish to change a field: «изменить телефон».
var changes = regexp.MustCompile(`^(?:изменить|измени|исправить|исправь|поправить|поменять|заменить) (.+)$`)

// typedField is the wish to change one field, at the summary.
func (t *turn) typedField(words string) (Press, bool) {
	m := changes.FindStringSubmatch(words)
	if m == nil || t.s.Draft == nil || !slices.ContainsFunc(t.s.Screen, func(b Button) bool { return b.Data == "edit:"+t.s.Draft.ID }) {
		return Press{}, false
	}
	for _, step := range Steps {
		for label := range strings.FieldsSeq(plainWords(step.Label)) {
			n := commonPrefix([]rune(label), []rune(m[1]))
			if label == m[1] || n >= 4 && n*4 >= len([]rune(label))*3 {
				return Press{"field:" + string(step.Key) + ":" + t.s.Draft.ID}, true
			}
		}
	}
	return Press{}, false
}

// typedCommand is the command that was meant by a typed text: a number alone
// asks how it stands. At a question only words that answer none are commands.
func (t *turn) typedCommand() (Command, bool) {
	e, ok := t.Event.(Text)
	if !ok || e.ForwardedFrom != "" || t.About != "" || t.s.Addition != nil || t.newerQuestion() != "" {
		return Command{}, false
	}
	idle := t.s.Idle()
	if idle && t.numberAlone(e.Text) {
		return Command{Name: "status", Args: e.Text, MessageID: e.MessageID}, true
	}
	if _, asked := t.asked(); asked && idle {
		return Command{}, false // support waits for words, these may be they
	}
	word, ok := commandWords[plainWords(e.Text)]
	if !ok || !idle && !word.anywhere || !idle && word.command == "contacts" && !t.atOneLine() {
		return Command{}, false
	}
	return Command{Name: word.command, MessageID: e.MessageID}, true
}

// atOneLine says that a question of one line is open: a word more is no piece
// of a longer text there.
func (t *turn) atOneLine() bool {
	if t.s.Draft == nil || t.s.Escalation != nil || t.s.Offer != nil {
		return false
	}
	step, asked := t.s.Draft.current()
	return asked && !step.Parts
}

// withHyphens is a number as we write it, mistyped perhaps.
var withHyphens = regexp.MustCompile(`^[№N#\s\x{00a0}]*\d{2}-\d{5,}-\d[.,;!?\s]*$`)

// numberAlone says that a text is nothing but the number of an incident.
func (t *turn) numberAlone(typed string) bool {
	n, rest, err := incident.SplitNumber(typed)
	if err == nil && rest == "" {
		_, own := t.Reporter.Find(n)
		return own || withHyphens.MatchString(typed)
	}
	return errors.Is(err, incident.ErrMistyped) && withHyphens.MatchString(typed)
}

// resting are the buttons of what stands last about the person's incidents
// while no dialogue is open.
func (t *turn) resting() []Button {
	if !t.s.Idle() || len(t.Reporter.Incidents) == 0 {
		return nil
	}
	var buttons []Button
	for k, i := range t.Reporter.Incidents {
		if k == 0 {
			buttons = append(buttons, slices.Concat(t.incidentButtons(i.Number)...)...)
		}
		if k > 0 && i.Status != incident.Resolved {
			continue
		}
		for _, row := range notices[lastSaid(i)].buttons {
			for _, b := range row {
				b.Data += string(i.Number)
				buttons = append(buttons, b)
			}
		}
		if i.Allows(incident.Rate, t.At) {
			buttons = append(buttons, rateButtons(i.Number)...)
		}
	}
	return buttons
}

// lastSaid is the act whose notice stands last in the chat.
func lastSaid(i incident.Incident) incident.Action {
	switch i.Status {
	case incident.Resolved:
		return incident.Solve
	case incident.Waiting:
		return incident.Ask
	}
	return ""
}

// verdict is what a text says of a repair.
type verdict int

const (
	unclear verdict = iota
	works
	fails
)

var (
	// saysNo is a clear no, unless a word beside it puts it in doubt.
	saysNo   = regexp.MustCompile(`(?:^| )(?:не помог[а-я]*|не работа[а-я]*|не заработал[а-я]*|не решен[а-я]*|ничего не изменилось|так и нет)(?: |$)`)
	doubtful = regexp.MustCompile(`(?:^| )(?:если|спасибо|благодарю|раньше|вчера|кроме|другой|другая|другое)(?: |$)`)
	saysYes  = regexp.MustCompile(`(?:^| )(?:спасибо|благодар[а-я]*|помогло|работа[а-я]*|заработал[а-я]*)(?: |$)`)
)

// judge reads what a text says of a repair; bare says that it says nothing
// else.
func judge(typed string) (v verdict, bare bool) {
	words := plainWords(typed)
	switch no := saysNo.MatchString(words); {
	case slices.Contains(helpedWords, words), words == "помогло":
		return works, true
	case slices.Contains(notHelpedWords, words), words == "не помогло":
		return fails, true
	case no && !doubtful.MatchString(words) && !saysYes.MatchString(saysNo.ReplaceAllString(words, " ")):
		return fails, false
	case !no && saysYes.MatchString(words):
		return works, false
	}
	return unclear, false
}
