using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Masked language modelling (Devlin et al., 2019, section 3.1): of the tokens chosen, 80 % become [MASK], 10 % a random token, 10 % stay.
/// What is chosen depends on key and place alone.
/// </summary>
/// <param name="probability">Of a token to be chosen.</param>
/// <param name="maskTokenId">The id of [MASK].</param>
/// <param name="vocabularySize">Ids are below it.</param>
/// <param name="isSpecial">Which ids are never chosen, nor put in the place of another.</param>
/// <param name="isContinuation">Which pieces go on with the word before them: the pieces of a word are chosen all or none, and each has its
/// own of the three fates. Null: each token by itself.</param>
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
    /// Changes <paramref name="tokens"/> and writes the place and the true id of each chosen token; returns their number.
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
