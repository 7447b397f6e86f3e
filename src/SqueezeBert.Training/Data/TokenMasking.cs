using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Masked language modeling (Devlin et al., 2019, section 3.1): of the chosen tokens, 80 % are replaced by [MASK], 10 % by a random token,
/// and 10 % are kept. The choice depends only on the key and the place.
/// </summary>
/// <param name="probability">The probability that a token is chosen.</param>
/// <param name="maskTokenId">The id of [MASK].</param>
/// <param name="vocabularySize">The limit of the ids.</param>
/// <param name="isSpecial">Identifies ids that are never chosen and never used as a replacement.</param>
/// <param name="isContinuation">
/// Identifies pieces that continue a word. All pieces of a word are then chosen together, and each is replaced or kept independently. Null
/// chooses each token independently.
/// </param>
internal sealed class TokenMasking(
    double probability, int maskTokenId, int vocabularySize, Func<int, bool> isSpecial, Func<int, bool>? isContinuation = null)
{
    private const uint MaskShare = (uint)(0.8 * uint.MaxValue);
    private const uint ReplaceShare = (uint)(0.9 * uint.MaxValue);

    private readonly uint _threshold = (uint)Math.Min(uint.MaxValue, probability * 4294967296.0);
    private readonly int[] _ordinary = [.. Enumerable.Range(0, vocabularySize).Where(id => !isSpecial(id))];
    private readonly bool[] _special = [.. Enumerable.Range(0, vocabularySize).Select(isSpecial)];
    private readonly bool[] _continues = [.. Enumerable.Range(0, vocabularySize).Select(id => isContinuation?.Invoke(id) == true)];

    /// <summary>
    /// Changes <paramref name="tokens"/>, writes the place and the true id of each chosen token, and returns their number.
    /// </summary>
    public int Apply(Span<int> tokens, ulong key, Span<int> places, Span<int> labels)
    {
        var count = 0;
        var (isInWord, isChosen) = (false, false);
        for (var i = 0; i < tokens.Length; i++)
        {
            var bits = HashedNumbers.Mix(key + (ulong)i);
            if (_special[tokens[i]])
            {
                isInWord = false;
                continue;
            }

            if (!isInWord || !_continues[tokens[i]]) isChosen = (uint)bits < _threshold;
            isInWord = true;
            if (!isChosen) continue;
            places[count] = i;
            labels[count++] = tokens[i];
            var kind = (uint)(bits >> 32);
            if (kind < MaskShare) tokens[i] = maskTokenId;
            else if (kind < ReplaceShare) tokens[i] = _ordinary[(int)(HashedNumbers.Mix(bits) % (ulong)_ordinary.Length)];
        }

        return count;
    }
}
