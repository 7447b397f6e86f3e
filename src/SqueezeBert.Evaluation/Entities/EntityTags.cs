namespace SqueezeBert.Evaluation;

/// <summary>Converts the tags of a sentence's words to entities.</summary>
public static class EntityTags
{
    private const string Outside = "O";

    /// <summary>
    /// Returns whether any label of a model is a BIO tag. The model then finds entities, and not for example parts of speech.
    /// </summary>
    /// <param name="labels">The labels of the model.</param>
    public static bool HaveEntities(IEnumerable<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return labels.Any(label => label is ['B' or 'I', '-', _, ..] or "B" or "I");
    }

    /// <summary>Returns the entities of a sentence, in order.</summary>
    /// <param name="tags">
    /// One tag per word: "O", or B-, I-, E- or S- followed by a kind (in strict mode only B- and I-). A tag without such a prefix is a
    /// kind, and adjacent words of the same kind form an entity, as in the token-classification pipeline.
    /// </param>
    /// <param name="mode">How inconsistent tags are handled.</param>
    /// <exception cref="ArgumentException">A tag is null, or it is not valid in strict mode.</exception>
    public static IReadOnlyList<EntitySpan> Entities(IReadOnlyList<string> tags, EntityMode mode = EntityMode.Lenient)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var entities = new List<EntitySpan>();
        var start = -1;
        var (place, kind) = ('O', "_");
        for (var i = 0; i <= tags.Count; i++)
        {
            var (nextPlace, nextKind) = i == tags.Count ? ('O', "_") : Parse(tags[i], mode);
            var goesOn = start >= 0 && nextKind == kind && Continues(place, nextPlace);
            if (!goesOn)
            {
                if (start >= 0) entities.Add(new EntitySpan(kind, start, i));
                start = nextPlace == 'B' || (nextPlace != 'O' && mode == EntityMode.Lenient) ? i : -1;
            }

            (place, kind) = (nextPlace, nextKind);
        }

        return entities;
    }

    /// <summary>Returns whether a tag is valid in strict mode: "O", or "B" or "I" with a kind or without.</summary>
    internal static bool IsStrict(string tag) => tag is Outside or ['B' or 'I'] or ['B' or 'I', '-', ..];

    private static bool Continues(char place, char next) => place is 'B' or 'I' && next is 'I' or 'E';

    private static (char Place, string Kind) Parse(string? tag, EntityMode mode)
    {
        if (string.IsNullOrEmpty(tag)) throw new ArgumentException("a tag is null or empty", "tags");
        if (tag == Outside) return ('O', "_");
        var isKnown = mode == EntityMode.Strict ? IsStrict(tag) : tag is ['B' or 'I' or 'E' or 'S'] or ['B' or 'I' or 'E' or 'S', '-', ..];
        if (isKnown) return (tag[0], tag.Length > 2 ? tag[2..] : "_");
        return mode == EntityMode.Lenient
            ? ('I', tag)
            : throw new ArgumentException($"'{tag}' is no tag of strict BIO: O, B-KIND and I-KIND are", "tags");
    }
}
