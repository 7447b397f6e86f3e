namespace SqueezeBert.Assistant.Values;

/// <summary>A part of the day, which says which half an hour of the clock's face belongs to.</summary>
internal enum PartOfDay
{
    /// <summary>Of a time: "am", "in the morning".</summary>
    Morning,

    /// <summary>Of a time: "pm", "in the afternoon".</summary>
    Afternoon,

    /// <summary>To midnight and the hours behind it.</summary>
    Evening,

    /// <summary>As the evening, but one to four o'clock are those behind midnight.</summary>
    Night,
}
