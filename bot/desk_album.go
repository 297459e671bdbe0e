package bot

import (
	"context"
	"encoding/json"
	"slices"

	"intakebot/conversation"
	"intakebot/incident"
)

// deskAlbum is what became of the first part of an album in the group. The
// others have no words of their own, and perhaps no reply: they go where it
// went, and what is a note stays a note.
type deskAlbum struct {
	ID     string          `json:"id"`
	Number incident.Number `json:"number,omitempty"`
	Action incident.Action `json:"action,omitempty"` // "" when it was refused
}

// deskAlbums is the key under which the register keeps the latest of them.
const deskAlbums = "desk_albums"

func (d *deskTurn) albums(ctx context.Context) (all []deskAlbum, err error) {
	text, err := d.cfg.Register.Meta(ctx, deskAlbums)
	if err != nil || text == "" {
		return nil, err
	}
	return all, json.Unmarshal([]byte(text), &all)
}

// keepAlbum notes what became of an album, once.
func (d *deskTurn) keepAlbum(ctx context.Context, n incident.Number, a incident.Action) error {
	const most = 20
	if d.message == nil || d.message.MediaGroupID == "" {
		return nil
	}
	all, err := d.albums(ctx)
	if err != nil || slices.ContainsFunc(all, d.inAlbum) {
		return err
	}
	all = append(all, deskAlbum{d.message.MediaGroupID, n, a})
	data, err := json.Marshal(all[max(0, len(all)-most):])
	if err != nil {
		return err
	}
	return d.cfg.Register.SetMeta(ctx, deskAlbums, string(data))
}

func (d *deskTurn) inAlbum(a deskAlbum) bool { return a.ID == d.message.MediaGroupID }

// followed passes on the further parts of an album; done says that nothing is
// left to do with the message.
func (d *deskTurn) followed(ctx context.Context, e conversation.Event) (done bool, err error) {
	if d.message.MediaGroupID == "" {
		return false, nil
	}
	all, err := d.albums(ctx)
	k := slices.IndexFunc(all, d.inAlbum)
	if err != nil || k < 0 {
		return false, err
	}
	a, _ := d.words(e)
	if all[k].Action == "" {
		return a.Text == "", nil
	}
	a.Number, a.Action = all[k].Number, all[k].Action
	return true, d.passOn(ctx, a)
}
