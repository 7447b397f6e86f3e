using SqueezeBert.Gradients.Memory;

namespace SqueezeBert.Gradients.Losses;

/// <summary>A source of a teacher's rows for the current batch.</summary>
internal interface ITargetRows
{
    /// <summary>The rows, which are valid until the source continues with another batch.</summary>
    NativeRows Rows { get; }
}
