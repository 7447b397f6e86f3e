using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Masked language modelling (Devlin et al., 2019, section 3.1): of the tokens chosen, 80 % become [MASK], 10 % a random token, 10 % stay.
/// What is chosen depends on key and place alone.
/// </summary>
internal sealed class TokenMasking(double probability, int maskTokenId, int vocabularySize, Func<int, bool> isSpecial)
{
    private const uint MaskShare = (uint)(0.8 * uint.MaxValue);
    private const uint ReplaceShare = (uint)(0.9 * uint.MaxValue);

    private readonly uint _threshold = (uint)Math.Min(uint.MaxValue, probability * 4294967296.0);
    private readonly int[] _ordinary = [.. Enumerable.Range(0, vocabularySize).Where(id => !isSpecial(id))];
    private readonly bool[] _special = [.. Enumerable.Range(0, vocabularySize).Select(isSpecial)];

    /// <summary>
    /// Changes <paramref name="tokens"/> and writes the place and the true id of each chosen token; returns their number.
    /// </summary>
    public int Apply(Span<int> tokens, ulong key, Span<int> places, Span<int> labels)
    {
        var count = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            if (_special[tokens[i]]) continue;
            var bits = HashedNumbers.Mix(key + (ulong)i);
            if ((uint)bits >= _threshold) continue;
            places[count] = i;
            labels[count++] = tokens[i];
            var kind = (uint)(bits >> 32);
            if (kind < MaskShare) tokens[i] = maskTokenId;
            else if (kind < ReplaceShare) tokens[i] = _ordinary[(int)(HashedNumbers.Mix(bits) % (ulong)_ordinary.Length)];
        }

        return count;
    }
}
