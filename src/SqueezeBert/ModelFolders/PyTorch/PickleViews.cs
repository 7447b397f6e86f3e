using System.Collections.Immutable;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.PyTorch;

/// <summary>Checks that the view of a tensor is inside its storage.</summary>
internal static class PickleViews
{
    private const int MaxDimensions = 16;

    public static PickleTensor Check(string file, PickleStorage storage, long offset, object?[] shape, object?[] strides)
    {
        if (shape.Length > MaxDimensions) throw Error($"has {shape.Length} dimensions; at most {MaxDimensions} are supported");
        if (shape.Length != strides.Length) throw Error($"has {shape.Length} sizes and {strides.Length} strides");
        var sizes = Integers(shape, "size");
        var steps = Integers(strides, "stride");
        if (offset < 0) throw Error($"has the offset {offset}");
        long count = 1;
        var last = offset;
        try
        {
            foreach (var size in sizes) count = checked(count * size);
            for (var i = 0; i < sizes.Length && count > 0; i++) last = checked(last + ((sizes[i] - 1) * steps[i]));
        }
        catch (OverflowException)
        {
            throw Error($"shape [{string.Join(", ", sizes)}] with strides [{string.Join(", ", steps)}] is too large");
        }

        if (count > 0 && last >= storage.Count)
            throw Error(
                $"shape [{string.Join(", ", sizes)}] with strides [{string.Join(", ", steps)}] from element {offset} on ends after the " +
                    $"storage's {storage.Count} elements");

        // A stride of 0 would make a huge tensor of one element.
        if (count > storage.Count)
            throw Error($"shape [{string.Join(", ", sizes)}] has more elements than the storage, {storage.Count}; save a contiguous copy");
        return new PickleTensor(storage, offset, sizes, steps);

        ImmutableArray<long> Integers(object?[] values, string what)
        {
            var numbers = ImmutableArray.CreateBuilder<long>(values.Length);
            foreach (var value in values) numbers.Add(
                value is long and >= 0 ? (long)value : throw Error($"has a {what} that is not a whole number of 0 to 2^63 - 1"));
            return numbers.MoveToImmutable();
        }

        InvalidModelFileException Error(string reason) => new(file, $"storage '{storage.Key}'", $"a tensor {reason}");
    }
}
