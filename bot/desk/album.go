package desk

import (
	"context"
	"encoding/json"
	"slices"

	"intakebot/conversation"
	"intakebot/incident"
)

// album is what became of the first part of an album in the group. The
// others have no words of their own, and perhaps no reply: they go where it
// went, and what is a note stays a note.
type album struct {
	ID     string          `json:"id"`
	Number incident.Number `json:"number,omitempty"`
	Action incident.Action `json:"action,omitempty"` // "" when it was refused
}

// albumsKey is the key under which the register keeps the latest of them.
const albumsKey = "desk_albums"

func (t *turn) albums(ctx context.Context) (all []album, err error) {
	text, err := t.Store.Meta(ctx, albumsKey)
	if err != nil || text == "" {
		return nil, err
	}
	return all, json.Unmarshal([]byte(text), &all)
}

// keepAlbum notes what became of an album, once.
func (t *turn) keepAlbum(ctx context.Context, n incident.Number, a incident.Action) error {
	const most = 20
	if t.message == nil || t.message.Album == "" {
		return nil
	}
	all, err := t.albums(ctx)
	if err != nil || slices.ContainsFunc(all, t.inAlbum) {
		return err
	}
	all = append(all, album{t.message.Album, n, a})
	data, err := json.Marshal(all[max(0, len(all)-most):])
	if err != nil {
		return err
	}
	return t.Store.SetMeta(ctx, albumsKey, string(data))
}

func (t *turn) inAlbum(a album) bool { return a.ID == t.message.Album }

// followed passes on the further parts of an album; done says that nothing is
// left to do with the message.
func (t *turn) followed(ctx context.Context, e conversation.Event) (done bool, err error) {
	if t.message.Album == "" {
		return false, nil
	}
	all, err := t.albums(ctx)
	k := slices.IndexFunc(all, t.inAlbum)
	if err != nil || k < 0 {
		return false, err
	}
	a, _ := t.words(e)
	if all[k].Action == "" {
		return a.Text == "", nil
	}
	a.Number, a.Action = all[k].Number, all[k].Action
	return true, t.passOn(ctx, a)
}
