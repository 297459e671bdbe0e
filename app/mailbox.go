package app

import (
	"fmt"
	"log/slog"
	"net/mail"
	"time"

	"intakebot/app/config"
	"intakebot/bot"
	"intakebot/mailer"
	"intakebot/mailer/mailbox"
	"intakebot/storage"
)

// recognise finds out which letter of ours has a Message-ID.
func recognise(w mailer.Letters) mailbox.Recognise {
	return func(messageID string) (s mailbox.Sent, ok bool) {
		s.Number, s.Kind, s.Seq, ok = w.Identify(messageID)
		return s, ok
	}
}

// readMail is what the bot knows of the mailbox, nil when none is read.
func readMail(s config.Settings, w mailer.Letters) *bot.Mailbox {
	if s.IMAP.Host == "" {
		return nil
	}
	senders := mailbox.Senders{AuthservID: s.AuthservID}
	for _, box := range []string{s.UIT, s.Support} {
		if a, err := mail.ParseAddress(box); err == nil {
			senders.Boxes = append(senders.Boxes, a.Address)
		}
	}
	return &bot.Mailbox{Own: recognise(w), Senders: senders, UIT: s.UIT, Support: s.Support}
}

// watchMail makes what watches the mailbox, nil when none is read.
func watchMail(s config.Settings, r *storage.Register, arrived func(), now func() time.Time, log *slog.Logger) *mailbox.Box {
	if s.IMAP.Host == "" {
		return nil
	}
	return &mailbox.Box{Server: s.IMAP, Store: r, Arrived: arrived, Now: now, Log: log}
}

// mailboxProblem says since when and why no letters come in; nil when they do, as
// far as is known.
func (p Program) mailboxProblem() error {
	s := p.Mailbox.State()
	if s.Connected || s.Problem == "" {
		return nil
	}
	return fmt.Errorf("not watched since %s: %s", s.Since.UTC().Format(time.RFC3339), s.Problem)
}
