namespace SqueezeBert.Pipelines.Tagging;

/// <summary>The position of a token in an entity, according to its label.</summary>
internal enum EntityPlace
{
    /// <summary>Inside an entity, or a label that does not say.</summary>
    Inside,

    /// <summary>The first token of an entity.</summary>
    Begin,

    /// <summary>The last token of an entity.</summary>
    End,

    /// <summary>The only token of an entity.</summary>
    Single,
}

/// <summary>A label, split into position and kind: "B-PER" is the beginning of "PER".</summary>
internal readonly record struct EntityTag(EntityPlace Place, string Kind)
{
    /// <summary>
    /// Parses the prefixes B- and I- of BIO. If a kind has a B- label, also E- and S- of BIOES, L- and U- of BILOU, and M- of BMES. Other
    /// labels are kinds, whose adjacent tokens form an entity.
    /// </summary>
    public static EntityTag Parse(string label, IReadOnlyList<string> labels)
    {
        if (label.Length < 3 || label[1] != '-') return new(EntityPlace.Inside, label);
        var kind = label[2..];
        var place = label[0] switch
        {
            'B' => EntityPlace.Begin,
            'I' => EntityPlace.Inside,

            // "E-mail" may be a kind: only a label that has a beginning has an end.
            _ when !labels.Contains("B-" + kind) => (EntityPlace?)null,
            'M' => EntityPlace.Inside,
            'E' or 'L' => EntityPlace.End,
            'S' or 'U' => EntityPlace.Single,
            _ => null,
        };
        return place is { } known ? new(known, kind) : new(EntityPlace.Inside, label);
    }
}
