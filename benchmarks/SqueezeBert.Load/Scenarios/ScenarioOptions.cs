namespace SqueezeBert.Load.Scenarios;

/// <summary>What the scenarios are run with.</summary>
internal sealed record ScenarioOptions
{
    /// <summary>Models by the names that they are served under.</summary>
    public required IReadOnlyList<(string Name, string Path)> Models { get; init; }

    /// <summary>`squeezebert`, or its assembly.</summary>
    public required string Tool { get; init; }

    /// <summary>The sample that has ONNX Runtime behind an endpoint.</summary>
    public required string OnnxServer { get; init; }

    /// <summary>Tokens of a text, where a scenario has no lengths of its own.</summary>
    public int Tokens { get; init; } = 64;

    /// <summary>How long each row is measured.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long before it is measured.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long twice the capacity is asked for.</summary>
    public TimeSpan Overload { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often servers take turns.</summary>
    public int Rounds { get; init; } = 2;

    /// <summary>How long the soak takes.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Requests a second of the soak.</summary>
    public double SoakRate { get; init; } = 50;
}
