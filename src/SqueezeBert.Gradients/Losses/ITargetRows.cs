using SqueezeBert.Gradients.Memory;

namespace SqueezeBert.Gradients.Losses;

/// <summary>A source of a teacher's rows for the batch that is trained on now.</summary>
internal interface ITargetRows
{
    /// <summary>Valid until the source moves on to another batch.</summary>
    NativeRows Rows { get; }
}
