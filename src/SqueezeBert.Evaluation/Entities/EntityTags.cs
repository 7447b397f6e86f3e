namespace SqueezeBert.Evaluation;

/// <summary>From the tags of a sentence's words to its entities.</summary>
public static class EntityTags
{
    private const string Outside = "O";

    /// <summary>Whether any of a model's labels is a tag of BIO, so that its answers are entities and not parts of speech.</summary>
    public static bool HaveEntities(IEnumerable<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return labels.Any(label => label is ['B' or 'I', '-', _, ..] or "B" or "I");
    }

    /// <summary>The entities of a sentence, in its order.</summary>
    /// <param name="tags">
    /// One a word: "O", or B-, I-, E- or S- and a kind (strictly: B- and I- only). A tag without any of these is a kind whose neighbouring
    /// words belong together, as in the pipeline for token classification.
    /// </param>
    /// <param name="mode">What becomes of tags that do not fit each other.</param>
    /// <exception cref="ArgumentException">A tag is null, or one that the strict mode does not know.</exception>
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

    private static bool Continues(char place, char next) => place is 'B' or 'I' && next is 'I' or 'E';

    private static (char Place, string Kind) Parse(string? tag, EntityMode mode)
    {
        if (string.IsNullOrEmpty(tag)) throw new ArgumentException("a tag is null or empty", "tags");
        if (tag == Outside) return ('O', "_");
        var known = mode == EntityMode.Strict ? "BI" : "BIES";
        var isKnown = known.Contains(tag[0], StringComparison.Ordinal) && (tag.Length == 1 || tag[1] == '-');
        if (isKnown) return (tag[0], tag.Length > 2 ? tag[2..] : "_");
        return mode == EntityMode.Lenient
            ? ('I', tag)
            : throw new ArgumentException($"'{tag}' is no tag of strict BIO: O, B-KIND and I-KIND are", "tags");
    }
}
