using System.Globalization;

namespace SqueezeBert.Tokenization.Encodings;

/// <summary>Truncation as the reference does it: how many tokens each text keeps, and the windows that cover one.</summary>
internal static class Windows
{
    /// <summary>
    /// The tokens that each text may keep of <paramref name="first"/> and <paramref name="second"/> (null: no second text) within
    /// <paramref name="room"/>.
    /// </summary>
    internal static (int First, int Second) Split(int first, int? second, int room, Truncation truncation)
    {
        var total = first + (second ?? 0);
        if (total <= room || truncation == Truncation.None)
            return (first, second ?? 0);
        var excess = total - room;
        switch (truncation)
        {
            case Truncation.Error:
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                    $"The input has {total} tokens where {room} fit beside the special tokens; raise MaxLength, shorten the text or " +
                        $"choose a truncation."));
            case Truncation.OnlySecond when second is null:
                throw new ArgumentException("Truncation.OnlySecond needs a pair of texts; use LongestFirst or OnlyFirst for one text.");
            case Truncation.OnlyFirst when first <= excess:
            case Truncation.OnlySecond when second <= excess:
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                    $"{excess} tokens must go, but the text that Truncation.{truncation} may cut has " +
                        $"{(truncation == Truncation.OnlyFirst ? first : second)}; raise MaxLength or use LongestFirst."));
            case Truncation.OnlyFirst:
                return (first - excess, second ?? 0);
            case Truncation.OnlySecond:
                return (first, second.Value - excess);
            default:
                return second is { } other ? LongestFirst(first, other, room) : (room, 0);
        }
    }

    /// <summary>Whether <see cref="Split"/> does not throw; the same for counts that are cut to more than the room.</summary>
    internal static bool CanSplit(int first, int? second, int room, Truncation truncation)
    {
        var excess = first + (long)(second ?? 0) - room;
        return excess <= 0 || truncation switch
        {
            Truncation.Error => false,
            Truncation.OnlyFirst => first > excess,
            Truncation.OnlySecond => second > excess,
            _ => true,
        };
    }

    /// <summary>
    /// The windows that cover <paramref name="length"/> tokens, <paramref name="size"/> each, from the kept end on; only the first
    /// unless <paramref name="all"/> are wanted.
    /// </summary>
    internal static List<(int Start, int End)> Cover(int length, int size, int stride, TruncationDirection direction, bool all)
    {
        var windows = new List<(int, int)>();
        if (size >= length)
        {
            windows.Add((0, length));
            return windows;
        }

        if (size == 0)
        {
            // Nothing is kept; the reference then has the whole text as the one overflowing window.
            windows.Add((0, 0));
            if (all)
                windows.Add((0, length));
            return windows;
        }

        if (stride >= size)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A stride of {stride} needs windows of more tokens than that, but {size} tokens of the text fit; lower Stride or raise " +
                    $"MaxLength."));
        }

        var step = size - stride;
        if (direction == TruncationDirection.Right)
        {
            int end;
            var start = 0;
            do
            {
                end = Math.Min(start + size, length);
                windows.Add((start, end));
                start += step;
            }
            while (all && end < length);
        }
        else
        {
            int start;
            var end = length;
            do
            {
                start = Math.Max(0, end - size);
                windows.Add((start, end));
                end -= step;
            }
            while (all && start > 0);
        }

        return windows;
    }

    private static (int First, int Second) LongestFirst(int first, int second, int room)
    {
        var shorter = Math.Min(first, second);
        var longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if (shorter + longer > room)
        {
            shorter = room / 2;
            longer = shorter + (room % 2);
        }

        return first > second ? (longer, shorter) : (shorter, longer);
    }
}
