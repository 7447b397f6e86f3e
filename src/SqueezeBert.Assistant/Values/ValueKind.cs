namespace SqueezeBert.Assistant;

/// <summary>What the value of a slot is, and how its words are read.</summary>
public enum ValueKind
{
    /// <summary>The words themselves, or what a synonym or a list makes of them.</summary>
    Text,

    /// <summary>A number: "twenty five", "1,250.5", "half a million".</summary>
    Number,

    /// <summary>A place in an order: "third", "2nd".</summary>
    Ordinal,

    /// <summary>A day: "tomorrow", "next Tuesday", "3 May".</summary>
    Date,

    /// <summary>A time of the day: "half past seven", "7 pm", "noon".</summary>
    Time,

    /// <summary>A day with a time: "tomorrow at seven", "in 20 minutes". A time alone is the next one to come.</summary>
    DateTime,

    /// <summary>A length of time: "an hour and a half", "90 seconds".</summary>
    Duration,

    /// <summary>An amount of money: "$20", "twelve euros and fifty cents".</summary>
    Money,
}
