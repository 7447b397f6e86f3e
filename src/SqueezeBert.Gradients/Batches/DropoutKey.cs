using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.Backward;

namespace SqueezeBert.Gradients.Batches;

/// <summary>
/// The keys of the random numbers of <see cref="Dropout"/>. Whether an element is dropped depends only on seed, step, site, example,
/// position and channel. It therefore depends neither on threads nor on how a batch is divided, and the backward pass computes it again
/// instead of storing it.
/// </summary>
/// <param name="Seed">The seed of the run.</param>
/// <param name="StepNumber">The optimizer step.</param>
/// <param name="FirstExample">The number of the batch's first text among the texts of the step.</param>
internal readonly record struct DropoutKey(ulong Seed, long StepNumber, int FirstExample)
{
    /// <summary>Returns the key of a row: its example and its place there.</summary>
    public static ulong Row(int example, int position) => HashedNumbers.Mix(((ulong)(uint)example << 32) | (uint)position);

    /// <summary>The key of a dropout site, or of a head (<paramref name="part"/>) of an attention.</summary>
    public ulong Site(int site, int part = 0) =>
        HashedNumbers.Mix(HashedNumbers.Mix(Seed ^ HashedNumbers.Mix((ulong)StepNumber)) ^ (((ulong)(uint)site << 32) | (uint)part));

    /// <summary>The key of a row at a site.</summary>
    public static ulong RowAt(ulong site, ulong row) => HashedNumbers.Mix(site ^ row);

    /// <summary>Returns the threshold: an element is dropped if its 32 random bits are below it.</summary>
    public static uint Threshold(float probability) => (uint)Math.Min(uint.MaxValue, Math.Round(probability * 4294967296.0));

    /// <summary>Returns the factor of the elements that are kept.</summary>
    public static float KeepScale(float probability) => probability < 1 ? 1 / (1 - probability) : 0;
}
