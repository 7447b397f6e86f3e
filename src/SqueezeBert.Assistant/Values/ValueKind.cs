namespace SqueezeBert.Assistant;

/// <summary>The kind of a slot's value, which determines how its words are read.</summary>
public enum ValueKind
{
    /// <summary>Text: the words themselves, or what a synonym or a list replaces them by.</summary>
    Text,

    /// <summary>A number: "twenty five", "1,250.5", "half a million".</summary>
    Number,

    /// <summary>An ordinal number: "third", "2nd".</summary>
    Ordinal,

    /// <summary>A day: "tomorrow", "next Tuesday", "3 May".</summary>
    Date,

    /// <summary>A time of the day: "half past seven", "7 pm", "noon".</summary>
    Time,

    /// <summary>A day with a time: "tomorrow at seven", "in 20 minutes". A time alone means its next occurrence.</summary>
    DateTime,

    /// <summary>A duration: "an hour and a half", "90 seconds".</summary>
    Duration,

    /// <summary>An amount of money: "$20", "twelve euros and fifty cents".</summary>
    Money,
}
