package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// selection is whom a command means: contacts by id or address, or all, of a
// campaign, with a code.
type selection struct {
	all            bool
	campaign, code string
}

func (w *selection) flags(command *cobra.Command) {
	command.Flags().BoolVar(&w.all, "all", false, "all contacts that the other flags leave")
	w.filters(command)
}

func (w *selection) filters(command *cobra.Command) {
	command.Flags().StringVar(&w.campaign, "campaign", "", "only in the campaign with this `key`")
	command.Flags().StringVar(&w.code, "code", "", "only those in error with this `code` (see starter errors codes)")
	_ = command.RegisterFlagCompletionFunc("code", cobra.FixedCompletions(codes(), cobra.ShellCompDirectiveNoFileComp))
}

// args refuses a call that names nobody, or somebody and everybody.
func (w *selection) args(command *cobra.Command, args []string) error {
	switch {
	case w.all && len(args) > 0:
		return usagef("give contacts or --all, not both")
	case !w.all && len(args) == 0:
		return hint(usagef("say whom to %s: contacts (ids or addresses), or --all", command.Name()),
			"starter "+command.Name()+" 17, or starter "+command.Name()+" --all --code "+string(failure.EmailAccountInError))
	}
	return nil
}

// resolve turns what was typed into ids, and refuses what does not exist.
func (w *selection) resolve(ctx context.Context, db *store.Store, args []string) (store.Selection, error) {
	selected := store.Selection{Campaign: w.campaign}
	var err error
	if selected.Code, err = parseCode(w.code); err != nil {
		return selected, err
	}
	if err := checkCampaign(ctx, db, w.campaign); err != nil {
		return selected, err
	}
	if !w.all {
		selected.Contacts, err = contactIDs(ctx, db, args)
	}
	return selected, err
}

// contactIDs reads ids (also `1,2,3`) and addresses of contacts.
func contactIDs(ctx context.Context, db *store.Store, texts []string) ([]int64, error) {
	ids, addresses := []int64{}, []string{}
	for _, text := range strings.FieldsFunc(strings.Join(texts, ","), func(r rune) bool { return r == ',' || r == ' ' }) {
		if strings.Contains(text, "@") {
			addresses = append(addresses, campaign.Spellings(text)[0])
			continue
		}
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 {
			return nil, usagef("%q is neither the id of a contact (a number) nor an email address", text)
		}
		ids = append(ids, id)
	}
	if len(addresses) == 0 {
		return ids, nil
	}
	known, err := db.ContactIDsAt(ctx, addresses)
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		id, ok := known[address]
		if !ok {
			return nil, hint(notFoundf("there is no contact with the address %s", address), "starter contacts list --search "+address)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// checkCampaign refuses a key that no campaign has; an empty key means any.
func checkCampaign(ctx context.Context, db *store.Store, key string) error {
	if key == "" {
		return nil
	}
	keys, err := db.CampaignKeys(ctx)
	if err != nil {
		return err
	}
	for _, existing := range keys {
		if existing == key {
			return nil
		}
	}
	return hint(noSuch("campaign", key, keys), "starter campaign list")
}

// parseCode reads a code in any letter case; empty is any.
func parseCode(text string) (failure.Code, error) {
	if text == "" {
		return "", nil
	}
	for _, entry := range failure.Catalogue() {
		if strings.EqualFold(text, string(entry.Code)) {
			return entry.Code, nil
		}
	}
	return "", hint(usagef("there is no code %s%s", text, alternatives(text, codes())), "starter errors codes")
}

func codes() []string {
	var names []string
	for _, entry := range failure.Catalogue() {
		names = append(names, string(entry.Code))
	}
	return names
}
