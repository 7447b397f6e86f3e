namespace SqueezeBert.Training;

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Down to zero in a straight line.</summary>
    Linear,

    /// <summary>Down to zero along half a cosine.</summary>
    Cosine,

    /// <summary>Stays.</summary>
    Constant,

    /// <summary>Stays, and goes down to zero in a straight line at the end of the stage.</summary>
    WarmupStableDecay,
}
