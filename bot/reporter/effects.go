package reporter

import (
	"context"
	"errors"
	"fmt"
	"html"
	"slices"
	"time"

	"intakebot/bot/delivery"
	"intakebot/bot/inbox"
	"intakebot/bot/notify"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// carryOut does what the dialogue decided and returns what is to be said.
func (p *person) carryOut(ctx context.Context, effects []conversation.Effect) (replies []conversation.Message, toast string, err error) {
	for _, effect := range effects {
		switch e := effect.(type) {
		case conversation.Say:
			replies = append(replies, e.Message)
		case conversation.Toast:
			toast = e.Text
		case conversation.GiveConsent:
			err = p.Store.GiveConsent(ctx, p.chat, incident.Consent{Version: e.Version, At: p.Now()})
		case conversation.Register:
			err = p.register(ctx, e)
		case conversation.Do:
			var refused *incident.Refused
			if err = p.do(ctx, e); errors.As(err, &refused) {
				// What was to be said of it is not true.
				text := p.Dialogue.NotPossible(refused.Incident, refused.Action, p.Now())
				return append(replies, conversation.Message{HTML: html.EscapeString(text)}), toast, nil
			}
		case conversation.Escalate:
			var blocked *incident.NotAllowed
			if err = p.escalate(ctx, e); errors.As(err, &blocked) {
				text := p.Dialogue.EscalationBlocked(blocked.Incident, blocked.Refusal, blocked.From, p.Now())
				replies, err = append(replies, conversation.Message{HTML: text}), nil
			}
		case conversation.Forget:
			err = p.forget(ctx)
		}
		if errors.Is(err, incident.ErrNotFound) {
			err = &loop.Fault{Err: err} // no repetition will find it
		}
		if err != nil {
			return nil, "", fmt.Errorf("carry out %T: %w", effect, err)
		}
	}
	return replies, toast, nil
}

func (p *person) register(ctx context.Context, e conversation.Register) error {
	at := p.Now()
	i, created, err := p.Store.Register(ctx, incident.Report{
		DraftID: e.DraftID, Reporter: p.chat, Answers: e.Answers, Attachments: e.Attachments, At: at,
	}, func(i incident.Incident) ([]outbox.Message, error) { return p.Notify.Registered(i, at) })
	if err != nil {
		return err
	}
	if created {
		p.Log.Info("incident registered", "incident", i.Number, "chat", p.chat)
	}
	p.Told()
	return nil
}

// do carries out what the person did to an incident; the desk and the person
// are told in the same transaction.
func (p *person) do(ctx context.Context, e conversation.Do) error {
	a := incident.Act{
		ID: e.ID, Number: e.Number, Action: e.Action, By: incident.ByReporter, Reporter: p.chat,
		Text: e.Text, Attachments: e.Attachments, Album: e.Album, MessageID: e.MessageID, At: p.Now(),
	}
	copies, err := p.copies(ctx, e)
	if err != nil {
		return err
	}
	_, _, err = p.Store.Act(ctx, a, func(i incident.Incident) ([]outbox.Message, error) {
		posts := delivery.Held(p.Notify.ReporterActed(i, a, e.MessageID), p.goesOn)
		return p.Notify.WithClosing(i, a, notify.Corrected(posts, copies))
	})
	if err != nil {
		return err
	}
	p.Told()
	return nil
}

// copies are what the message to be amended became in the group.
func (p *person) copies(ctx context.Context, e conversation.Do) ([]outbox.MessageRef, error) {
	if e.Action != incident.Amend {
		return nil, nil
	}
	return p.Store.PassedOn(ctx, outbox.MessageRef{Chat: p.chat, MessageID: e.MessageID})
}

// escalate puts the letter into the outbox. Its files come first: they take up
// to a minute, in which this chat waits and the register does not.
func (p *person) escalate(ctx context.Context, e conversation.Escalate) error {
	files, err := p.fetchFiles(ctx, e)
	if err != nil {
		return err
	}
	_, created, err := p.Store.Escalate(ctx,
		incident.Escalation{ID: e.ID, Number: e.Number, State: e.State, At: p.Now()},
		p.chat, p.Dialogue.EscalationPause, p.Notify.Letters.MessageID,
		func(i incident.Incident) ([]outbox.Message, error) { return p.Notify.Escalated(i, files) })
	if err != nil {
		return err
	}
	if created {
		p.Log.Info("escalation queued", "incident", e.Number, "chat", p.chat)
	}
	p.Told()
	return nil
}

// fetchWithin is how long the files of one letter may take to come, all
// together; the letter goes without those that did not.
const fetchWithin = time.Minute

// fetchFiles gets the files that go with an escalation, before the transaction
// that makes the letter. There is nothing to get for one that is in the register
// already, or that the register is going to refuse.
func (p *person) fetchFiles(ctx context.Context, e conversation.Escalate) ([]incident.File, error) {
	i, err := p.Store.Incident(ctx, e.Number)
	if errors.Is(err, incident.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known := slices.ContainsFunc(i.Escalations, func(x incident.Escalation) bool { return x.ID == e.ID })
	refusal, _ := i.EscalationAllowed(p.Now(), p.Dialogue.EscalationPause)
	if known || refusal != incident.MayEscalate || i.Reporter != p.chat {
		return nil, nil
	}
	if len(i.Attachments) == 0 {
		return nil, nil
	}
	within, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	// It may take a while: the person sees that something is going on.
	p.Client.ShowUploading(within, p.chat)
	files := p.Notify.Letters.Collect(i.Attachments, func(a incident.Attachment) ([]byte, error) {
		data, err := p.Client.Fetch(within, a.FileID)
		if err != nil && ctx.Err() == nil {
			p.Log.Warn("a file was not fetched, the letter goes without", "incident", i.Number, "error", err)
		}
		return data, err
	})
	return files, ctx.Err() // our own stop is no reason to leave files out
}

// forget carries out the person's wish.
func (p *person) forget(ctx context.Context) error {
	err := p.Store.Forget(ctx, p.chat, p.Now(), notify.Farewell)
	if err != nil {
		return err
	}
	p.Log.Info("a person is forgotten", "chat", p.chat)
	p.worker.Nudge(inbox.Nudge{EraseDraft: true})
	p.Told()
	p.Erasures.Raise()
	p.Bulletins.Raise() // what cannot be delivered is no longer needed
	return nil
}

// EraseDraft empties Redis. Who has agreed again by then has begun a new
// conversation, which overwrote the old one.
func (p *person) EraseDraft(ctx context.Context) {
	p.recent.forget(p.chat)
	// An update that is done must not come again once nobody knows it.
	err := p.Store.Done(ctx, nil, nil)
	r := incident.Reporter{}
	if err == nil {
		r, err = p.Store.Reporter(ctx, p.chat)
	}
	if err == nil && r.Consent.Version == "" {
		err = p.Drafts.Forget(ctx, p.chat)
	}
	if err == nil {
		err = p.Store.DraftErased(ctx, p.chat)
		p.Erasures.Raise()
	}
	if err != nil {
		p.Log.Check(err)
		p.Log.Warn("the draft of a forgotten person is not erased yet", "chat", p.chat, "error", err)
	}
}
