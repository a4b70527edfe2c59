package cli

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/failure"
	"relance/internal/operator"
)

const (
	// completionPatience is how long a shell waits for the database.
	completionPatience = 500 * time.Millisecond
	// mostCompletions is how many contacts a shell is given to choose from.
	mostCompletions = 50
)

// lister lists the names that begin with what was typed, each with a tab and a
// few words about it.
type lister func(ctx context.Context, o *operator.Operator, typed string) ([]string, error)

// completes has a shell complete the arguments of a command: the first by the
// first lister, the second by the second.
func (s *session) completes(listers ...lister) cobra.CompletionFunc {
	return func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(listers) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return s.list(command.Context(), listers[len(args)], typed)
	}
}

// completesAll is completes for any number of arguments of one kind.
func (s *session) completesAll(of lister) cobra.CompletionFunc {
	return func(command *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return s.list(command.Context(), of, typed)
	}
}

// completeFlags has a shell complete the flags that name what is in the database
// or the catalogue, but for those whose command has said how itself.
func (s *session) completeFlags(command *cobra.Command) {
	for name, of := range map[string]lister{"campaign": campaigns, "contact": contacts, "contacts": contacts, "code": catalogueCodes} {
		flag := command.LocalFlags().Lookup(name)
		if flag == nil {
			continue
		}
		if _, done := command.GetFlagCompletionFunc(name); done {
			continue
		}
		if flag.Value.Type() == "stringSlice" {
			of = inList(of)
		}
		_ = command.RegisterFlagCompletionFunc(name, s.completesAll(of))
	}
}

// inList completes the last of several names with commas between them, by one that
// is not there yet.
func inList(of lister) lister {
	return func(ctx context.Context, o *operator.Operator, typed string) ([]string, error) {
		last := strings.LastIndex(typed, ",") + 1
		found, err := of(ctx, o, typed[last:])
		var names []string
		for _, one := range found {
			name, _, _ := strings.Cut(one, "\t")
			if !slices.Contains(strings.Split(typed[:last], ","), name) {
				names = append(names, typed[:last]+one)
			}
		}
		return names, err
	}
}

// list offers nothing when the database does not answer in time: a completion
// prints no errors.
func (s *session) list(ctx context.Context, of lister, typed string) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(ctx, completionPatience)
	defer cancel()
	found, err := of(ctx, s.operator, typed)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, name := range found {
		if strings.HasPrefix(strings.ToLower(name), strings.ToLower(typed)) {
			names = append(names, name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// described is a name with a few words about it.
func described(name, words string) string {
	return name + "\t" + strings.Join(strings.Fields(words), " ")
}

func campaigns(ctx context.Context, o *operator.Operator, _ string) ([]string, error) {
	found, err := o.Campaigns(ctx)
	var names []string
	for _, one := range found {
		names = append(names, described(one.Key, one.Name))
	}
	return names, err
}

// stepsOf lists the steps of the campaign that is the first argument.
func stepsOf(args []string) lister {
	return func(ctx context.Context, o *operator.Operator, _ string) ([]string, error) {
		if len(args) == 0 {
			return nil, nil
		}
		found, err := o.Campaign(ctx, args[0])
		var ids []string
		for _, step := range found.Steps {
			ids = append(ids, described(step.ID, string(step.Kind)))
		}
		return ids, err
	}
}

func accounts(ctx context.Context, o *operator.Operator, _ string) ([]string, error) {
	found, err := o.Accounts(ctx)
	var names []string
	for _, one := range found {
		names = append(names, described(one.Address, statusText(one.Status)))
	}
	return names, err
}

// senders are accounts, and the word for no sender.
func senders(ctx context.Context, o *operator.Operator, typed string) ([]string, error) {
	names, err := accounts(ctx, o, typed)
	return append(names, described("none", "no sender")), err
}

// catalogueCodes are the codes that a step can park with.
func catalogueCodes(context.Context, *operator.Operator, string) ([]string, error) {
	var names []string
	for _, entry := range failure.Catalogue() {
		names = append(names, described(string(entry.Code), entry.Title))
	}
	return names, nil
}

// listedCodes are those that starter errors lists.
func listedCodes(ctx context.Context, o *operator.Operator, typed string) ([]string, error) {
	names, err := catalogueCodes(ctx, o, typed)
	ended := failure.EndedEntry()
	return append(names, described(string(ended.Code), ended.Title)), err
}

func users(ctx context.Context, o *operator.Operator, _ string) ([]string, error) {
	found, err := o.Users(ctx)
	var names []string
	for _, one := range found {
		names = append(names, described(one.Key, one.Name))
	}
	return names, err
}

func bounces(ctx context.Context, o *operator.Operator, _ string) ([]string, error) {
	found, err := o.Bounces(ctx)
	var names []string
	for _, one := range found {
		names = append(names, described(one.Address, one.Reason))
	}
	return names, err
}

func suppressions(ctx context.Context, o *operator.Operator, _ string) ([]string, error) {
	found, err := o.Suppressions(ctx)
	var names []string
	for _, one := range found {
		names = append(names, described(one.Target, one.Note))
	}
	return names, err
}

func inboundToSee(ctx context.Context, o *operator.Operator, _ string) ([]string, error) {
	found, err := o.InboundMessages(ctx, operator.ToSee, mostCompletions)
	var names []string
	for _, one := range found {
		names = append(names, described(strconv.FormatInt(one.ID, 10), kindText(one)+" "+one.From))
	}
	return names, err
}

// stepsAndContacts lists the steps of the campaign that is the first argument, and contacts.
func stepsAndContacts(args []string) lister {
	return func(ctx context.Context, o *operator.Operator, typed string) ([]string, error) {
		steps, err := stepsOf(args)(ctx, o, typed)
		people, contactsErr := contacts(ctx, o, typed)
		return slices.Concat(steps, people), errors.Join(err, contactsErr)
	}
}

// contacts are ids while digits are typed, else addresses.
func contacts(ctx context.Context, o *operator.Operator, typed string) ([]string, error) {
	found, err := o.ContactsLike(ctx, typed, mostCompletions)
	var names []string
	for _, one := range found {
		words := one.FirstName + " " + one.LastName + " " + one.Company
		if strings.Trim(typed, "0123456789") == "" {
			names = append(names, described(strconv.FormatInt(one.ID, 10), words))
		} else {
			names = append(names, described(one.Email, words))
		}
	}
	return names, err
}

func numbers(ctx context.Context, o *operator.Operator, _ string) ([]string, error) {
	found, err := o.UnderWay(ctx, "")
	var names []string
	for _, one := range found {
		names = append(names, described(strconv.FormatInt(one.ID, 10), string(one.Kind)+" "+whichContacts(one)))
	}
	return names, err
}

func tokens(ctx context.Context, o *operator.Operator, _ string) ([]string, error) {
	found, err := o.Tokens(ctx)
	var names []string
	for _, one := range found {
		if one.RemovedAt == nil {
			names = append(names, described(one.Name, one.Role))
		}
	}
	return names, err
}
