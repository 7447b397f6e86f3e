namespace SqueezeBert.Training;

/// <summary>The course of the learning rate after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Linear decay to zero.</summary>
    Linear,

    /// <summary>Cosine decay to zero.</summary>
    Cosine,

    /// <summary>Constant.</summary>
    Constant,

    /// <summary>Constant, followed by a linear decay to zero at the end of the stage.</summary>
    WarmupStableDecay,
}
