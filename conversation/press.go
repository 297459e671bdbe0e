package conversation

import (
	"slices"
	"strings"

	"intakebot/incident"
)

// presses is the table of buttons: what stands before the colon of the data,
// and what it does with the rest. free ones work before consent.
var presses = map[string]struct {
	do   func(*turn, string)
	free bool
}{
	"ok":         {(*turn).consent, true},
	"no":         {(*turn).refuse, true},
	"erase":      {(*turn).erase, true},
	"keepme":     {(*turn).keepMe, true},
	"new":        {(*turn).newReport, false},
	"my":         {(*turn).mine, false},
	"goon":       {(*turn).goOn, false},
	"anew":       {(*turn).anew, false},
	"back":       {(*turn).back, false},
	"drop":       {(*turn).cancelDraft, false},
	"restore":    {(*turn).restore, false},
	"keep":       {(*turn).keep, false},
	"hint":       {(*turn).takeHint, false},
	"edit":       {(*turn).editMenu, false},
	"field":      {(*turn).editField, false},
	"summary":    {(*turn).toSummary, false},
	"reg":        {(*turn).register, false},
	"esc":        {(*turn).beginEscalation, false},
	"st":         {(*turn).status, false},
	"add":        {(*turn).beginAddition, false},
	"helped":     {act(incident.Confirm), false},
	"nothelp":    {act(incident.Reject), false},
	"finish":     {act(incident.Finish), false},
	"undo":       {act(incident.Withdraw), false},
	"rate":       {(*turn).rate, false},
	"propose":    {(*turn).takeProposal, false},
	"restate":    {(*turn).restate, false},
	"send":       {(*turn).send, false},
	"swap":       {settleOther(func(_, other string) string { return other }), false},
	"append":     {settleOther(joined), false},
	"unswap":     {settleOther(func(state, _ string) string { return state }), false},
	"noesc":      {(*turn).cancelEscalation, false},
	"done":       {(*turn).endAddition, false},
	"offeradd":   {(*turn).offerToAdd, false},
	"offernew":   {(*turn).offerAsNew, false},
	"offerdraft": {(*turn).offerToDraft, false},
	"offerno":    {(*turn).dropOffer, false},
}

func (t *turn) press(p Press) {
	verb, arg, _ := strings.Cut(p.Data, ":")
	button, known := presses[verb]
	switch {
	case !known:
		t.stale()
	case !button.free && !t.consented():
		t.answer("Сначала нужно ваше согласие.")
		t.askConsent()
	default:
		button.do(t, arg)
	}
}

// ofDraft are the buttons of a draft.
var ofDraft = []string{"goon", "anew", "back", "drop", "restore", "keep", "hint", "edit", "field", "summary", "reg"}

// stale answers a button whose time has passed. One of a draft that is kept no
// longer begins anew: a toast is gone before it is understood.
func (t *turn) stale() {
	p, _ := t.Event.(Press)
	verb, _, _ := strings.Cut(p.Data, ":")
	if t.s.Idle() && slices.Contains(ofDraft, verb) {
		t.gone()
		return
	}
	t.answer("Эта кнопка уже не действует.")
	t.resume()
}

// draftPress says whether a button of a draft belongs to the one in hand. A
// draft registered meanwhile is named by its number: a second press must
// never look like a loss.
func (t *turn) draftPress(id string) bool {
	if t.s.Draft != nil && t.s.Draft.ID == id {
		return true
	}
	for _, i := range t.Reporter.Incidents {
		if i.DraftID == id {
			t.answer(AlreadyRegistered(i.Number))
			t.resume()
			return false
		}
	}
	t.stale()
	return false
}

// stepPress is draftPress for buttons under a question: they work while that
// question is the current one.
func (t *turn) stepPress(arg string) bool {
	key, id, _ := strings.Cut(arg, ":")
	if !t.draftPress(id) {
		return false
	}
	if step, ok := t.s.Draft.current(); !ok || step.Key != incident.Key(key) {
		t.stale()
		return false
	}
	return true
}
