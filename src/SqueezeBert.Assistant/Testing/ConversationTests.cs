using SqueezeBert.Assistant.Testing;

namespace SqueezeBert.Assistant;

/// <summary>
/// Runs tests of an assistant that are written as data: conversations with the expected result of each turn (docs/assistant.md).
/// </summary>
public static class ConversationTests
{
    /// <summary>Runs all conversations of a file, each from its beginning and at the times that the file gives.</summary>
    /// <param name="assistant">The assistant.</param>
    /// <param name="file">The path of the file.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the turns.</param>
    /// <exception cref="AssistantFileException">The file is invalid.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static ConversationReport Run(Assistant assistant, string file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(assistant);
        ArgumentException.ThrowIfNullOrEmpty(file);
        var conversations = ConversationReader.ReadFile(file);
        var failures = new List<ConversationFailure>();
        var (turns, passedTurns, passed) = (0, 0, 0);
        foreach (var conversation in conversations)
        {
            var before = failures.Count;
            var (state, now) = (DialogueState.Start, conversation.Now);
            foreach (var expected in conversation.Turns)
            {
                now += expected.After;
                var known = failures.Count;
                var turn = assistant.Reply(state, expected.User, now, cancellationToken);
                failures.AddRange(Compare(conversation.Name, expected, turn));
                state = turn.State;
                turns++;
                if (failures.Count == known) passedTurns++;
            }

            if (failures.Count == before) passed++;
        }

        return new ConversationReport
        {
            Conversations = conversations.Count,
            PassedConversations = passed,
            Turns = turns,
            PassedTurns = passedTurns,
            Failures = failures,
        };
    }

    private static IEnumerable<ConversationFailure> Compare(string conversation, ExpectedTurn expected, DialogueTurn turn)
    {
        List<(string Field, string? Expected, string? Actual)> fields =
        [
            ("intent", expected.Intent, turn.Intent ?? turn.Understanding?.Intent),
            ("event", expected.Event is { } what ? ConversationReader.NameOf(what.ToString()) : null,
                ConversationReader.NameOf(turn.Event.ToString())),
            ("asked", expected.Asked, turn.State.AskedSlot),
        ];
        foreach (var (field, wanted, actual) in fields)
        {
            if (wanted is not null && wanted != actual) yield return Failure(field, wanted, actual);
        }

        foreach (var (slot, wanted) in expected.Slots)
        {
            var actual = turn.Slots.GetValueOrDefault(slot)?.Value.Text;
            if (wanted != actual) yield return Failure($"slots.{slot}", wanted, actual);
        }

        if (expected.Reply is { } reply && reply != turn.Reply) yield return Failure("reply", reply, turn.Reply);

        ConversationFailure Failure(string field, string? wanted, string? actual) =>
            new(conversation, expected.Line, expected.User, field, wanted ?? "", actual ?? "");
    }
}
