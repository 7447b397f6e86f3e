using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Assistant.Definitions;

namespace SqueezeBert.Assistant.Dialogue;

/// <summary>
/// The rules of a dialogue. From a state and the analysis of a text, they compute the next state and a reply. Nothing is stored between
/// calls, and the result depends only on the arguments. Thread-safe.
/// </summary>
/// <param name="definition">What the user's file says.</param>
/// <param name="normalizer">Reads the values of slots.</param>
/// <param name="read">What the model makes of a text.</param>
/// <param name="answer">The question of the list that a text is most like; null: none.</param>
internal sealed class DialogueEngine(
    AssistantDefinition definition, SlotNormalizer normalizer, Func<string, Understanding> read,
    Func<string, (QuestionDefinition Question, float Similarity)?> answer)
{
    private readonly UserWords _words = new(definition.Dialogue.Words);
    private readonly DialogueReplies _replies = definition.Dialogue.Replies;

    /// <summary>Computes a reply.</summary>
    /// <param name="before">Where the dialogue stands.</param>
    /// <param name="text">What the user says.</param>
    /// <param name="thresholds">From where on an answer counts.</param>
    /// <param name="now">The time.</param>
    public DialogueTurn Reply(DialogueState before, string text, AssistantThresholds thresholds, DateTimeOffset now)
    {
        var isTimedOut = before.Time is { } last && now - last > definition.Dialogue.Timeout;
        var state = (isTimedOut ? DialogueState.Start : before) with { Turn = before.Turn + 1, Time = now };
        var turn = new Turn(this, Checked(state), text, thresholds, now);
        return turn.Take() with { IsTimedOut = isTimedOut && before.Intent is not null };
    }

    /// <summary>
    /// Checks a state, which may come from another version of the file. If it refers to something that no longer exists, the request is
    /// dropped.
    /// </summary>
    private DialogueState Checked(DialogueState state)
    {
        if (state.LastIntent is { } last && !IsKnown(last)) state = state with { LastIntent = null };
        var isWhole = (state.Intent is null || IsKnown(state.Intent)) && state.Question switch
        {
            DialogueQuestion.None => state.Intent is null,
            DialogueQuestion.Confirmation => state.Intent is not null,
            DialogueQuestion.Slot => state.Intent is { } open
                && DialogueOf(open).Slots.Any(rule => rule.Slot == state.AskedSlot && rule.Prompt is not null),
            _ => state.Intent is null && state.Choices.Count > 0 && state.Choices.All(IsKnown),
        };
        return isWhole ? state : Closed(state, state.LastIntent);
    }

    private bool IsKnown(string intent) =>
        definition.Dialogue.Intents.ContainsKey(intent) || definition.SlotsOf.ContainsKey(intent) || definition.Intents.Count == 0;

    private IntentDialogue DialogueOf(string intent) => definition.Dialogue.Intents.GetValueOrDefault(intent) ?? new IntentDialogue();

    private string TitleOf(string intent) => DialogueOf(intent).Title ?? intent.Replace('_', ' ').Replace('/', ' ');

    /// <summary>Returns the state after a request. Its values become carried values.</summary>
    private static DialogueState Closed(DialogueState state, string? done)
    {
        var carried = new Dictionary<string, DialogueSlot>(state.Carried, StringComparer.Ordinal);
        foreach (var (slot, value) in state.Slots) carried[slot] = value;
        return state with
        {
            Intent = null,
            Slots = new Dictionary<string, DialogueSlot>(),
            Question = DialogueQuestion.None,
            AskedSlot = null,
            Attempts = 0,
            Choices = [],
            ChoiceText = null,
            LastIntent = done,
            Carried = carried,
        };
    }

    /// <summary>One turn: its arguments, so that the rules need not hand them on.</summary>
    private sealed class Turn(DialogueEngine engine, DialogueState state, string text, AssistantThresholds thresholds, DateTimeOffset now)
    {
        private DialogueState _state = state;
        private Understanding? _understanding;

        private DialogueReplies Replies => engine._replies;

        public DialogueTurn Take()
        {
            var (isCancel, isAnswer) = (engine._words.IsCancel(text), engine._words.IsYes(text) || engine._words.IsNo(text));
            var isOpen = _state.Question != DialogueQuestion.None;
            if (isCancel && (isOpen || !engine.IsExample(text))) return Cancel();
            if (isAnswer && !isOpen && !engine.IsExample(text)) return Say(Replies.NothingAsked, DialogueEvent.NotUnderstood);
            if (_state.Question == DialogueQuestion.Choice && Choose() is { } chosen) return chosen;
            if (_state.Question == DialogueQuestion.Confirmation)
            {
                if (engine._words.IsYes(text)) return Complete();
                if (engine._words.IsNo(text)) return Say(Replies.Change, DialogueEvent.Confirming);
            }

            if (Correct() is { } corrected) return corrected;
            if (_state.Question == DialogueQuestion.Slot) return AnswerSlot();
            if (_state.Question == DialogueQuestion.Confirmation && Amend(text) is { } amended) return amended;
            return Request();
        }

        private DialogueTurn Cancel()
        {
            var wasOpen = _state.Intent is not null || _state.Question != DialogueQuestion.None;
            _state = Closed(_state, null);
            return Say(wasOpen ? Replies.Cancelled : Replies.NothingToCancel, DialogueEvent.Cancelled);
        }

        private DialogueTurn? Choose()
        {
            var choices = _state.Choices;
            var said = _state.ChoiceText ?? "";
            var number = choices.Count == 1 && engine._words.IsYes(text) ? 0
                : UserWords.Choice(text, choices) ?? UserWords.Choice(text, [.. choices.Select(engine.TitleOf)]);
            if (number is { } chosen)
            {
                _understanding = engine.Read(said);
                return Begin(choices[chosen], _understanding.Slots);
            }

            if (engine._words.IsYes(text)) return ChooseAgain();
            _state = Closed(_state, _state.LastIntent);
            return engine._words.IsNo(text) ? Say(Replies.NotUnderstood, DialogueEvent.NotUnderstood) : null;
        }

        // A yes to "this or that" does not tell which.
        private DialogueTurn ChooseAgain()
        {
            var attempts = _state.Attempts + 1;
            if (attempts >= engine.Attempts) return GiveUp();
            _state = _state with { Attempts = attempts };
            return AskChoice();
        }

        // "no, Tuesday": of the request that is open, or of the one that was done last.
        private DialogueTurn? Correct()
        {
            if (engine._words.Correction(text) is not { } rest) return null;
            if (_state.Intent is not null) return Amend(rest);
            if (_state.LastIntent is not { } last) return null;
            var kept = _state;
            var slots = engine.SlotsOf(last).Where(_state.Carried.ContainsKey).ToDictionary(slot => slot, slot => _state.Carried[slot]);
            _state = _state with { Intent = last, Slots = slots };
            if (Amend(rest) is { } amended) return amended;
            _state = kept;
            return null;
        }

        /// <summary>Replaces the values that the words correct. Returns null if they correct none.</summary>
        private DialogueTurn? Amend(string words)
        {
            var changed = new Dictionary<string, DialogueSlot>(_state.Slots, StringComparer.Ordinal);
            var own = engine.SlotsOf(_state.Intent!);

            // The words as a whole: of several slots that they suit, the one that was asked for, else the one that was filled last.
            var candidates = own.OrderByDescending(slot => slot == _state.AskedSlot)
                .ThenByDescending(slot => changed.TryGetValue(slot, out var known) ? known.Turn : -1);
            foreach (var slot in candidates)
            {
                if (engine.Normalizer.ReadAnswer(slot, words, now, changed.GetValueOrDefault(slot)?.Value) is not { } value) continue;
                changed[slot] = Slot(value, words);
                return Advance(changed);
            }

            _understanding = engine.Read(words);
            var found = _understanding.Slots.Where(match => match.Value is not null && own.Contains(match.Slot)).ToList();
            if (found.Count == 0) return null;
            foreach (var match in found)
            {
                var before = changed.GetValueOrDefault(match.Slot)?.Value;
                var value = engine.Normalizer.Read(match.Slot, match.Text, now, before) ?? match.Value!;
                changed[match.Slot] = Slot(value, match.Text);
            }

            return Advance(changed);
        }

        private DialogueTurn AnswerSlot()
        {
            var asked = _state.AskedSlot!;
            var slots = new Dictionary<string, DialogueSlot>(_state.Slots, StringComparer.Ordinal);
            if (engine.Normalizer.ReadAnswer(asked, text.Trim(), now) is { } whole)
            {
                slots[asked] = Slot(whole, text.Trim());
                return Advance(slots);
            }

            _understanding = engine.Read(text);
            var isOther = _understanding.Outcome == UnderstandingOutcome.Understood && _understanding.Intent != _state.Intent;
            var entity = engine.Normalizer.EntityOf(asked).Name;
            var own = engine.SlotsOf(_state.Intent!);
            var any = false;
            foreach (var match in _understanding.Slots.Where(match => match.Value is not null))
            {
                // An answer rarely says the role ("from where?" "Berlin").
                var isAsked = match.Slot == asked
                    || (engine.Normalizer.EntityOf(match.Slot).Name == entity && !slots.ContainsKey(match.Slot));
                if (!isAsked && !own.Contains(match.Slot)) continue;
                any |= isAsked;
                slots[isAsked ? asked : match.Slot] = Slot(match.Value!, match.Text);
            }

            if (any && !isOther) return Advance(slots);
            if (isOther) return Request();
            if (engine.Normalizer.IsFree(asked) && !string.IsNullOrWhiteSpace(text))
            {
                slots[asked] = Slot(SlotValue.OfText(text.Trim()), text.Trim());
                return Advance(slots);
            }

            if (Question() is { } answered) return answered;
            if (_state.Attempts >= engine.Attempts) return GiveUp();

            _state = _state with { Attempts = _state.Attempts + 1 };
            var prompt = engine.DialogueOf(_state.Intent!).Slots.First(rule => rule.Slot == asked).Prompt;
            return Say(ReplyTemplate.Fill(Replies.Retry, _ => prompt), DialogueEvent.Asked);
        }

        private DialogueTurn Request()
        {
            _understanding ??= engine.Read(text);
            if (_understanding.Text != text) _understanding = engine.Read(text);
            var isQuestion = _understanding.Intent == AssistantDefinition.QuestionIntent;
            if ((isQuestion || _understanding.Outcome != UnderstandingOutcome.Understood) && Question() is { } answered) return answered;
            if (_understanding.Outcome == UnderstandingOutcome.Understood && !isQuestion)
                return Begin(_understanding.Intent, _understanding.Slots);
            if (_understanding.Outcome == UnderstandingOutcome.OutOfScope || isQuestion)
                return Say(Replies.Unknown, DialogueEvent.OutOfScope);
            List<string> choices = [.. _understanding.Alternatives.Select(label => label.Label)
                .Where(label => label != AssistantDefinition.QuestionIntent).Take(2)];
            if (choices.Count < 2) return Say(Replies.NotUnderstood, DialogueEvent.NotUnderstood);
            _state = Closed(_state, _state.LastIntent) with { Question = DialogueQuestion.Choice, Choices = choices, ChoiceText = text };
            return AskChoice();
        }

        private DialogueTurn AskChoice() => Say(
            ReplyTemplate.Fill(Replies.Ambiguous, name => engine.TitleOf(_state.Choices[name == "first" ? 0 : 1])), DialogueEvent.Choosing);

        private DialogueTurn GiveUp()
        {
            _state = Closed(_state, null);
            return Say(Replies.GivenUp, DialogueEvent.NotUnderstood);
        }

        // An answer leaves the request open that it came in between of.
        private DialogueTurn? Question() =>
            engine.Answer(text) is var (question, similarity) && similarity >= thresholds.Question
                ? Say(question.Answer, DialogueEvent.Answered) : null;

        private DialogueTurn Begin(string intent, IReadOnlyList<SlotMatch> matches)
        {
            if (_state.Intent is not null || _state.Question != DialogueQuestion.None) _state = Closed(_state, null);
            var slots = new Dictionary<string, DialogueSlot>(StringComparer.Ordinal);
            foreach (var match in matches)
            {
                if (match.Value is { } value) slots.TryAdd(match.Slot, Slot(value, match.Text));
            }

            foreach (var rule in engine.DialogueOf(intent).Slots)
            {
                if (_state.Carried.TryGetValue(rule.Slot, out var carried) && _state.Turn - carried.Turn <= rule.Carry)
                    slots.TryAdd(rule.Slot, carried);
            }

            _state = _state with { Intent = intent, LastIntent = null };
            return Advance(slots);
        }

        /// <summary>Asks for missing slots, then for a confirmation, and then completes the request.</summary>
        private DialogueTurn Advance(Dictionary<string, DialogueSlot> slots)
        {
            var dialogue = engine.DialogueOf(_state.Intent!);
            _state = _state with { Slots = slots };
            if (dialogue.Slots.FirstOrDefault(rule => rule.IsRequired && !slots.ContainsKey(rule.Slot)) is { } missing)
            {
                _state = _state with
                {
                    Question = DialogueQuestion.Slot,
                    AskedSlot = missing.Slot,
                    Attempts = missing.Slot == _state.AskedSlot ? _state.Attempts + 1 : 1,
                };
                return Say(missing.Prompt!, DialogueEvent.Asked);
            }

            if (dialogue.Confirm is not { } confirm) return Complete();
            _state = _state with { Question = DialogueQuestion.Confirmation, AskedSlot = null, Attempts = 0 };
            return Say(Filled(confirm), DialogueEvent.Confirming);
        }

        private DialogueTurn Complete()
        {
            var (intent, slots) = (_state.Intent!, _state.Slots);
            var reply = engine.DialogueOf(intent).Answer is { } own ? Filled(own) : Summary(intent);
            _state = Closed(_state, intent);
            return Say(reply, DialogueEvent.Completed) with { Intent = intent, Slots = slots };
        }

        private string Summary(string intent) => _state.Slots.Count == 0 ? engine.TitleOf(intent)
            : $"{engine.TitleOf(intent)} ({string.Join(", ", _state.Slots.Select(slot => $"{slot.Key}: {slot.Value.Value}"))})";

        private string Filled(string template) =>
            ReplyTemplate.Fill(template, name => _state.Slots.TryGetValue(name, out var slot) ? slot.Value.ToString() : null);

        private DialogueSlot Slot(SlotValue value, string words) => new(value, words, _state.Turn, now);

        private DialogueTurn Say(string reply, DialogueEvent what) => new()
        {
            State = _state,
            Reply = reply,
            Event = what,
            Intent = _state.Intent,
            Slots = _state.Slots,
            Understanding = _understanding,
        };
    }

    private SlotNormalizer Normalizer => normalizer;

    // Where nothing is asked, "stop" may be what the file has an intent for.
    private bool IsExample(string text)
    {
        var plain = UserWords.Plain(text);
        return definition.Examples.Any(example => UserWords.Plain(example.Text) == plain);
    }

    private int Attempts => definition.Dialogue.Attempts;

    private Understanding Read(string text) => read(text);

    private (QuestionDefinition Question, float Similarity)? Answer(string text) => answer(text);

    private List<string> SlotsOf(string intent) =>
        [.. DialogueOf(intent).Slots.Select(rule => rule.Slot)
            .Union(definition.SlotsOf.GetValueOrDefault(intent) ?? Enumerable.Empty<string>(), StringComparer.Ordinal)];
}
