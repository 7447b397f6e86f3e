namespace SqueezeBert.Assistant;

/// <summary>What a file of conversations showed.</summary>
public sealed record ConversationReport
{
    /// <summary>Conversations in the file.</summary>
    public required int Conversations { get; init; }

    /// <summary>Conversations in which every turn was as expected.</summary>
    public required int PassedConversations { get; init; }

    /// <summary>Turns in the file.</summary>
    public required int Turns { get; init; }

    /// <summary>Turns that were as expected. Those behind one that was not are taken all the same.</summary>
    public required int PassedTurns { get; init; }

    /// <summary>What was not as expected, in the order of the file.</summary>
    public required IReadOnlyList<ConversationFailure> Failures { get; init; }
}

/// <summary>One thing that was not as expected.</summary>
/// <param name="Conversation">The conversation.</param>
/// <param name="Line">The line of the turn.</param>
/// <param name="User">What the user said.</param>
/// <param name="Field">What was compared: "intent", "event", "asked", "slots.NAME" or "reply".</param>
/// <param name="Expected">What the file says; empty for nothing.</param>
/// <param name="Actual">What there was; empty for nothing.</param>
public sealed record ConversationFailure(string Conversation, int Line, string User, string Field, string Expected, string Actual);
