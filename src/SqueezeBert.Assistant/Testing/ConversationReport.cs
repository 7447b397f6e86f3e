namespace SqueezeBert.Assistant;

/// <summary>The result of running a file of conversations.</summary>
public sealed record ConversationReport
{
    /// <summary>The number of conversations in the file.</summary>
    public required int Conversations { get; init; }

    /// <summary>The number of conversations in which every turn was as expected.</summary>
    public required int PassedConversations { get; init; }

    /// <summary>The number of turns in the file.</summary>
    public required int Turns { get; init; }

    /// <summary>The number of turns that were as expected. The turns after a failed one are run too.</summary>
    public required int PassedTurns { get; init; }

    /// <summary>The differences from the expectations, in the order of the file.</summary>
    public required IReadOnlyList<ConversationFailure> Failures { get; init; }
}

/// <summary>A difference from the expectation.</summary>
/// <param name="Conversation">The name of the conversation.</param>
/// <param name="Line">The line of the turn in the file, from 1.</param>
/// <param name="User">The text of the user.</param>
/// <param name="Field">The value that was compared: "intent", "event", "asked", "slots.NAME" or "reply".</param>
/// <param name="Expected">The expected value; empty for none.</param>
/// <param name="Actual">The actual value; empty for none.</param>
public sealed record ConversationFailure(string Conversation, int Line, string User, string Field, string Expected, string Actual);
